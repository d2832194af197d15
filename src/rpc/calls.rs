//! What is done around every call: a span, an answer before the client's deadline, and error details where tonic itself
//! refused.

use std::{
    collections::HashMap,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Instant;
use tonic::{
    Code, Request, Status,
    codegen::http::{HeaderMap, Request as HttpRequest, Response as HttpResponse},
};
use tonic_types::{ErrorDetails, QuotaViolation, StatusExt as _};
use tower::{Layer, Service};
use tracing::{Instrument as _, Span, debug, field::Empty, info_span};

use super::status::{DOMAIN, cut, refuse};
use crate::app::AllocateError;

/// How long before the client's deadline an answer must be on its way. tonic itself would answer CANCELLED.
const ANSWER_MARGIN: Duration = Duration::from_millis(20);

/// Bytes of a path that are repeated to a caller who asked for a method that does not exist.
const PATH_BYTES_MAX: usize = 200;

/// When the client stops waiting.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallDeadline(Instant);

impl CallDeadline {
    /// The deadline of this call, if the client set one.
    pub(super) fn of<T>(request: &Request<T>) -> Option<Instant> {
        request.extensions().get::<Self>().map(|deadline| deadline.0)
    }
}

/// Wraps the services in [`Calls`].
#[derive(Clone, Copy, Debug)]
pub(super) struct CallsLayer {
    /// The limit that tonic enforces, to name it.
    pub(super) message_bytes_max: usize,
}

impl<S> Layer<S> for CallsLayer {
    type Service = Calls<S>;

    fn layer(&self, inner: S) -> Calls<S> {
        Calls { inner, message_bytes_max: self.message_bytes_max }
    }
}

/// What is done around every call.
#[derive(Clone, Debug)]
pub(super) struct Calls<S> {
    inner: S,
    message_bytes_max: usize,
}

impl<S, B, R> Service<HttpRequest<B>> for Calls<S>
where
    S: Service<HttpRequest<B>, Response = HttpResponse<R>>,
    S::Future: Send + 'static,
    S::Error: 'static,
    R: Default + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: HttpRequest<B>) -> Self::Future {
        let begin = Instant::now();
        let timeout = grpc_timeout(request.headers());
        if let Some(timeout) = timeout {
            request.extensions_mut().insert(CallDeadline(begin + timeout));
        }
        let span = info_span!(
            "call",
            rpc.system.name = "grpc",
            rpc.method = request.uri().path().trim_start_matches('/'),
            rpc.response.status_code = Empty,
            case.count = Empty,
            officer.count = Empty,
        );
        let (path, message_bytes_max) = (request.uri().path().to_owned(), self.message_bytes_max);
        let answering = self.inner.call(request);
        let call = async move {
            let response = match timeout {
                None => answering.await?,
                Some(timeout) => match tokio::time::timeout(timeout.saturating_sub(ANSWER_MARGIN), answering).await {
                    Ok(response) => response?,
                    // Dropping the handler stopped its solve.
                    Err(_) => refuse(AllocateError::OutOfTime).into_http(),
                },
            };
            let (response, code) = with_details(response, &path, message_bytes_max);
            Span::current().record("rpc.response.status_code", format!("{code:?}"));
            debug!(duration_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX), "answered");
            Ok(response)
        };
        Box::pin(call.instrument(span))
    }
}

/// Adds the details that every error of this service has to one that tonic made, before any handler was called.
fn with_details<R: Default>(
    response: HttpResponse<R>,
    path: &str,
    message_bytes_max: usize,
) -> (HttpResponse<R>, Code) {
    let Some(status) = Status::from_header_map(response.headers()) else { return (response, Code::Ok) };
    let mut code = status.code();
    if code == Code::Ok || !status.details().is_empty() {
        return (response, code);
    }
    let mut details = ErrorDetails::new();
    let mut message = status.message().to_owned();
    let (reason, metadata) = match code {
        Code::OutOfRange => {
            let found = first_number(status.message());
            let description = format!("a message of {found} bytes; at most {message_bytes_max} are taken");
            let mut violation = QuotaViolation::new("message_bytes_max", description);
            violation.quota_value = i64::try_from(message_bytes_max).unwrap_or(i64::MAX);
            details.set_quota_failure(vec![violation]);
            let limit = message_bytes_max.to_string();
            let metadata = [("limit_name", "message_bytes_max".to_owned()), ("limit", limit), ("found", found)];
            ("MESSAGE_TOO_LARGE", HashMap::from(metadata.map(|(key, value)| (key.to_owned(), value))))
        }
        Code::Unimplemented => {
            let method = cut(path, PATH_BYTES_MAX);
            message = format!("method {method} is not known; ask reflection for those that are");
            ("METHOD_UNKNOWN", HashMap::from([("method".to_owned(), method)]))
        }
        // tonic calls it its own failure, but these bytes came from the caller.
        Code::Internal if message.contains("decode") => {
            code = Code::InvalidArgument;
            ("MESSAGE_UNREADABLE", HashMap::new())
        }
        _ => ("REFUSED", HashMap::new()),
    };
    details.set_error_info(reason, DOMAIN, metadata);
    (Status::with_error_details(code, message, details).into_http(), code)
}

/// The first number in tonic's message, which is the size found.
fn first_number(message: &str) -> String {
    let digits = message.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit);
    digits.collect()
}

/// The `grpc-timeout` header: up to 8 digits and a unit. What is not that is ignored, as tonic does.
fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_header_is_digits_and_a_unit() {
        let check = |text: &str, expected| {
            let headers = HeaderMap::from_iter([("grpc-timeout".parse().unwrap(), text.parse().unwrap())]);
            assert_eq!(grpc_timeout(&headers), expected, "{text}");
        };
        check("3H", Some(Duration::from_secs(10_800)));
        check("2M", Some(Duration::from_secs(120)));
        check("42S", Some(Duration::from_secs(42)));
        check("99999999m", Some(Duration::from_millis(99_999_999)));
        check("5u", Some(Duration::from_micros(5)));
        check("7n", Some(Duration::from_nanos(7)));
        for bad in ["", "S", "1", "1x", "-1S", "1.5S", "123456789S"] {
            check(bad, None);
        }
        assert_eq!(grpc_timeout(&HeaderMap::new()), None);
    }

    /// A handler that never ends, or one that ends with this status.
    #[derive(Clone)]
    struct Handler(Option<Status>);

    impl Service<HttpRequest<()>> for Handler {
        type Response = HttpResponse<String>;
        type Error = std::convert::Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: HttpRequest<()>) -> Self::Future {
            match self.0.take() {
                Some(status) => Box::pin(async move { Ok(status.into_http()) }),
                None => Box::pin(std::future::pending()),
            }
        }
    }

    async fn answer(handler: Handler, timeout: &str) -> Status {
        let mut calls = CallsLayer { message_bytes_max: 7 }.layer(handler);
        let request = HttpRequest::builder().uri("/a.B/C").header("grpc-timeout", timeout).body(()).unwrap();
        Status::from_header_map(calls.call(request).await.unwrap().headers()).unwrap()
    }

    #[tokio::test]
    async fn a_call_is_answered_before_its_deadline() {
        let status = answer(Handler(None), "50m").await;
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(status.get_error_details().error_info().unwrap().reason, "OUT_OF_TIME");
    }

    #[tokio::test]
    async fn details_that_are_there_stay_and_others_are_added() {
        let own = refuse(AllocateError::QueueFull { depth: 1 });
        let status = answer(Handler(Some(own.clone())), "1H").await;
        assert_eq!((status.code(), status.details()), (own.code(), own.details()));
        let status = answer(Handler(Some(Status::unavailable("of tonic's own"))), "1H").await;
        assert_eq!((status.code(), status.message()), (Code::Unavailable, "of tonic's own"));
        assert_eq!(status.get_error_details().error_info().unwrap().reason, "REFUSED");
    }
}

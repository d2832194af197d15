//! The API as another language sees it: a Python client made from `proto/` alone.

use std::{env, path::Path, process::Command};

use crate::support_service::Service;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_made_from_the_protocol_alone_gets_along() {
    let python = env::var_os("CASELOAD_TEST_PYTHON").expect(
        "CASELOAD_TEST_PYTHON must name a Python with grpcio-tools and grpcio-status; use `make test`, which has one",
    );
    let service = Service::start().await;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut client = Command::new(python);
    client.arg(root.join("tests/foreign/client.py")).arg(service.address.to_string()).arg(root.join("proto"));
    let output = tokio::task::spawn_blocking(move || client.output()).await.unwrap().unwrap();
    let said = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", said(&output.stdout), said(&output.stderr));
    assert_eq!(said(&output.stdout), "ok\n");
}

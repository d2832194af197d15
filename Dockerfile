# docker build -t caseload .
# docker run --rm -p 127.0.0.1:7070:7070 -v caseload:/var/lib/caseload caseload

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src

COPY .ci/install .ci/install
RUN .ci/install build

# A layer with all dependencies, HiGHS among them, built for empty sources: kept until Cargo.toml or Cargo.lock changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src benches tests/it \
    && touch src/lib.rs \
    && for file in build.rs src/main.rs benches/solve.rs tests/it/main.rs; do echo 'fn main() {}' > $file; done \
    && cargo build --release --locked --bin caseload

COPY build.rs ./
COPY proto proto
COPY src src
# Cargo goes by times of change, and the copied files are older than the empty ones.
RUN touch build.rs src/lib.rs src/main.rs && cargo build --release --locked --bin caseload


FROM debian:bookworm-slim
# Versions are not fixed: Debian's stable archive drops the old one when a security fix replaces it.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libstdc++6 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 7070 caseload \
    && useradd --uid 7070 --gid 7070 --no-create-home --home-dir /var/lib/caseload --shell /usr/sbin/nologin caseload \
    && install -d -o caseload -g caseload -m 0700 /var/lib/caseload
COPY --from=build /src/target/release/caseload /usr/local/bin/caseload

# By number: an orchestrator that demands a non-root user cannot look names up.
USER 7070:7070
VOLUME /var/lib/caseload
EXPOSE 7070
ENV CASELOAD_LISTEN=0.0.0.0:7070 \
    CASELOAD_DATA_DIR=/var/lib/caseload

HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["caseload", "health"]
ENTRYPOINT ["caseload"]
# Plain text, for publishing on the host's 127.0.0.1 only (see SECURITY.md). Not in ENV, so that another command, one that
# names a certificate, does not inherit it.
CMD ["serve", "--insecure-plaintext"]

# Every target first installs what it needs and lacks: see .ci/install.
# All use the release profile: HiGHS is compiled once per profile, and takes minutes.

CARGO_LOCKED := $(if $(CI),--locked)
TOOLS := $(CURDIR)/target/tools
BUF := $(TOOLS)/buf/node_modules/.bin/buf
CARGO_DENY := $(TOOLS)/cargo-deny/bin/cargo-deny

.PHONY: help demo test lint bench bench-peers

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

demo: ## show the main job at work; ARGS=--exit ends after the picture
	@.ci/install build
	@.ci/show-progress cargo build --release $(CARGO_LOCKED) --bin caseload
	@cargo run --quiet --release $(CARGO_LOCKED) --bin caseload -- demo $(ARGS)

test: export CASELOAD_TEST_PYTHON := $(TOOLS)/python/bin/python
test: export CASELOAD_TEST_BUF := $(BUF)
test: ## run all tests; ARGS="name" runs those whose name has it
	@.ci/install test
	.ci/show-progress cargo test --release $(CARGO_LOCKED) --no-run
	cargo test --release $(CARGO_LOCKED) $(ARGS)

lint: ## check format, code, documentation, protocol and dependencies
	@.ci/install lint
	cargo fmt --check
	.ci/show-progress cargo clippy --release $(CARGO_LOCKED) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings -D missing_docs" .ci/show-progress cargo doc --release $(CARGO_LOCKED) --no-deps
	$(BUF) lint
	$(CARGO_DENY) check --hide-inclusion-graph bans licenses sources
	@if $(CARGO_DENY) fetch db 2>/dev/null; then $(CARGO_DENY) check --hide-inclusion-graph advisories; \
	else echo "skipped: advisories, for cargo-deny's advisory database cannot be fetched from here"; fi

bench: ## compare versions on small and medium sizes (large: caseload bench); ARGS="name" runs those whose name has it
	@.ci/install build
	.ci/show-progress cargo bench $(CARGO_LOCKED) --bench solve --no-run
	cargo bench $(CARGO_LOCKED) --bench solve $(ARGS)

bench-peers: ## compare with other solvers, for hours, going on where it stopped; ARGS=--help tells what to choose from
	@.ci/install peers
ifeq (,$(filter --self-test --help --list --report-only,$(ARGS)))
	@.ci/show-progress cargo build --release $(CARGO_LOCKED) --bin caseload
endif
	@PYTHONPATH=benches $(TOOLS)/peers/bin/python -m peers --caseload "$${CARGO_TARGET_DIR:-target}/release/caseload" $(ARGS)

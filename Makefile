.PHONY: setup build quickstart devnet test lockfiles test-long fuzz mutants constant-time test-contracts bench-threshold bench-threshold-profile bench-threshold-costs bench-actions lint deny install

# One `npm ci` brings what the goals want: every package of js/, or the tools alone. Known before
# anything is installed, so that the tests do not install the tools first and everything again. A
# place that once had everything keeps everything when the lockfile changes.
WANT_ALL := $(or $(filter test test-long bench-actions,$(MAKECMDGOALS)),$(wildcard js/node_modules/.all-installed))
PACKAGES := $(if $(WANT_ALL),all,tools)
INSTALLED := js/node_modules/.$(PACKAGES)-installed
LOCKED := js/package-lock.json js/package.json js/.npmrc $(wildcard js/*/package.json js/tests/*/package.json)
# Stand for all that their step writes.
COMPILED := generated/abi/PubkeyRouter.json
BUNDLED := generated/ethers.js

# npm brings forge and anvil for Linux on x86-64; elsewhere, name your own.
FORGE ?= js/node_modules/.bin/forge

# Everything that is generated and not committed. Quick when nothing has changed.
setup: $(COMPILED) $(BUNDLED)

js/node_modules/.tools-installed: $(LOCKED)
	npm --prefix js ci --workspace tools
	@touch $@

js/node_modules/.all-installed: $(LOCKED)
	npm --prefix js ci
	@touch $@

# The lockfile says what is installed: installing more of it changes nothing that is generated.
$(COMPILED): js/package-lock.json js/tools/compile-contracts.mjs $(wildcard contracts/src/*.sol) | $(INSTALLED)
	node js/tools/compile-contracts.mjs
	@touch $@

$(BUNDLED): js/package-lock.json js/tools/bundle-ethers.mjs $(wildcard crates/actions/ethers/*) | $(INSTALLED)
	node js/tools/bundle-ethers.mjs
	@touch $@

# FOUNDRY_PROFILE=long runs far more fuzz cases.
test-contracts: setup
	FOUNDRY_CONFIG=contracts/foundry.toml $(FORGE) test

# Both programs, in the one profile that the quickstart, the tests and development share.
build: setup
	cargo build --workspace --bins

# The same, optimised across crates when they are linked and in nothing else different, where
# programs are looked for. The second stands beside the first, which starts it.
PREFIX ?= /usr/local

install: setup
	cargo build --profile dist --locked --package conclave --package conclave-actions --bins
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin target/dist/conclave target/dist/conclave-runner

# A local network, the main job from mint to a transfer on chain, and nothing left running.
quickstart: build
	node scripts/quickstart.mjs

# A local network that stays up until Ctrl-C. DEVNET="--nodes 5" passes options on.
devnet: build
	target/debug/conclave devnet $(DEVNET)

# Everything, counted; ends with one line "N passed, N failed".
test: build
	@node scripts/test.mjs

# Workspaces beside the main one build from its crates: their lockfiles must know what these depend
# on.
SIBLINGS := bench/threshold fuzz tests/mutants

lockfiles:
	@for folder in $(SIBLINGS); do \
		cargo metadata --quiet --locked --format-version 1 --manifest-path $$folder/Cargo.toml > /dev/null || exit 1; \
	done

# The campaigns that take too long for every change; writes docs/assurance.md.
# CAMPAIGN=devnets,contracts runs only those, and TESTS="replays failing" of a campaign only the
# tests with one of these words in their name.
test-long: build
	LONG_TESTS="$(TESTS)" node scripts/test-long.mjs $(CAMPAIGN)

# Each of these is also a campaign of test-long.

# Every decoder, the running machines and actions' workers under libFuzzer, TIME seconds of
# processor time for each target, or only for those of TARGETS="peers machines".
fuzz:
	FUZZ_SECONDS=$(TIME) FUZZ_TARGETS="$(TARGETS)" node scripts/test-long.mjs fuzz

# Every mutant of crates/threshold, or only those of FILES="src/codec.rs src/dkg/".
mutants:
	MUTANTS_FILES="$(FILES)" node scripts/test-long.mjs mutants

# Operations with secrets, timed for two classes of them.
constant-time:
	node scripts/test-long.mjs constant-time

# Threshold protocols beside published crates: builds those first, then takes some minutes. Fails
# when a deciding bar does not hold. GROWTH=1: ours alone, as the network grows. Both write their
# tables into docs/performance.md.
BENCH_THRESHOLD := cargo run --release --quiet --manifest-path bench/threshold/Cargo.toml --target-dir target/bench-threshold --locked --

bench-threshold:
	$(BENCH_THRESHOLD) $(if $(GROWTH),growth,sides)

# Where the time of a presignature goes.
bench-threshold-profile:
	$(BENCH_THRESHOLD) profile

# What single steps cost a member, in microseconds, as the simulator reads it: writes
# bench/threshold/costs.json.
bench-threshold-costs:
	$(BENCH_THRESHOLD) costs

# Actions on warm workers and on a local network, beside deno. Fails when a bar does not hold;
# writes its table into docs/performance.md.
bench-actions: build
	cargo run --quiet --locked -p conclave-bench-actions

# Tools that checks need beside the toolchain. The version is in the path: another one is another
# file.
DENY_VERSION := 0.20.2
DENY := target/tools/cargo-deny-$(DENY_VERSION)/bin/cargo-deny

# Without its own way to the registry: it reads what Cargo has. Unoptimised: quick enough, and built
# in a minute.
$(DENY):
	cargo install --quiet --locked --version $(DENY_VERSION) --no-default-features --profile dev \
		--root target/tools/cargo-deny-$(DENY_VERSION) cargo-deny

# Licences, banned crates and sources of everything in the lockfiles.
deny: $(DENY)
	@for folder in . $(SIBLINGS); do \
		$(DENY) --manifest-path $$folder/Cargo.toml --locked --config $(CURDIR)/deny.toml \
			check licenses bans sources || exit 1; \
	done

# Forms, the compiler's and clippy's lints, and what may enter the lockfiles.
lint: setup deny
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	git ls-files -z '*.js' '*.mjs' | xargs -0 js/node_modules/.bin/prettier --check --log-level warn
	@for folder in $(SIBLINGS); do \
		cargo fmt --manifest-path $$folder/Cargo.toml --check || exit 1; \
		cargo clippy --manifest-path $$folder/Cargo.toml --target-dir target/siblings --locked \
			--all-targets -- -D warnings || exit 1; \
	done

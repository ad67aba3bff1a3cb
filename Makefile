.PHONY: setup test-contracts

INSTALLED := node_modules/.package-lock.json
# Stand for all that their step writes.
COMPILED := generated/abi/PubkeyRouter.json
BUNDLED := generated/ethers.js

# npm brings forge and anvil for Linux on x86-64; elsewhere, name your own.
FORGE ?= node_modules/.bin/forge

# Everything that is generated and not committed. Quick when nothing has changed.
setup: $(COMPILED) $(BUNDLED)

$(INSTALLED): package.json package-lock.json .npmrc
	npm ci
	@touch $@

$(COMPILED): $(INSTALLED) scripts/compile-contracts.mjs $(wildcard contracts/src/*.sol)
	node scripts/compile-contracts.mjs
	@touch $@

$(BUNDLED): $(INSTALLED) scripts/bundle-ethers.mjs $(wildcard crates/actions/ethers/*)
	node scripts/bundle-ethers.mjs
	@touch $@

# FOUNDRY_PROFILE=long runs far more fuzz cases.
test-contracts: setup
	FOUNDRY_CONFIG=contracts/foundry.toml $(FORGE) test

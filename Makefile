# Everything a person needs to run and to change Switchboard. `make` alone explains it.
# Nothing here asks a question, and nothing is installed outside this folder except Debian packages.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help up down test check fix telephones bench servers web licences clean

PYTHON3 ?= python3
BOOTSTRAP := $(PYTHON3) gateway/local/bootstrap.py
BIN := .venv/bin
FIRST_WORDS ?= I have a question about my bill
UP ?=

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: ## Install what is missing, start everything, place test calls; UP="--sip-legs 2" goes to `switchboard up`
	@$(BOOTSTRAP) up
	@$(BIN)/switchboard up $(UP)
	@echo
	@echo '==> a test call: "$(FIRST_WORDS)"'
	@$(BIN)/switchboard call --patience 60 --say "$(FIRST_WORDS)"
	@echo
	@echo '==> and one to each number'
	@$(BIN)/switchboard call --each --patience 60
	@echo
	@$(BIN)/switchboard status || true # what is not well was said above, and does not undo this

down: ## Stop everything
	@test ! -x $(BIN)/switchboard || $(BIN)/switchboard down

test: ## Install what the tests need, check the code, run every test
	@$(BOOTSTRAP) test
	@$(BIN)/python -m tests.run

check: ## Lint, formatting, types, import rules
	@$(BOOTSTRAP) check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm --prefix web run --silent check

fix: ## Format the code and repair what can be repaired by a program
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

telephones: ## Install baresip and linphone from Debian, and call with them
	@$(BOOTSTRAP) test
	apt-get install -y --no-install-recommends baresip-core linphone-cli
	@$(BIN)/python -m pytest -q -m telephones tests/sip/bridge/telephones

bench: ## Measure at the phone, against stock, on this machine
	@$(BOOTSTRAP) test
	@$(BIN)/python -m tests.bench

servers: ## Build livekit-server into .cache/bin
	@$(BOOTSTRAP) servers

web: ## Build the console into web/dist
	@$(BOOTSTRAP) web

licences: ## Write THIRD_PARTY.md anew
	$(BIN)/python -m gateway.local.licences > THIRD_PARTY.md

clean: down ## Remove everything that can be made again; .switchboard (secrets, records) stays
	rm -rf .venv .cache web/dist web/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

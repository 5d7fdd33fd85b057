# Everything a developer or an operator runs. `make help` lists it; each target sets up what it needs.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PURE := $(addprefix tests/,unit property contract)
REAL := $(addprefix tests/,e2e chaos integration)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help setup fmt check test demo up bench bench-peers campaign lock secrets

help:  ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP)  ## Make the virtual environment from the hash-locked requirements

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Python 3.11 to 3.13 is needed, $(PYTHON) is $$($(PYTHON) --version 2>&1): make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

fmt: setup  ## Format, and fix what can be fixed by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: setup  ## Formatting, lint, types, import rules, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.generate --check

# Of three processes one runs the whole stacks; the others wait for what must pass more than they work.
test: setup  ## All tests, from the pure ones to the kill schedules (ARGS="-k name" passes arguments on)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(PURE) $(ARGS) || [ $$? -eq 5 ]  # 5: nothing by that name
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(REAL) $(ARGS) || [ $$? -eq 5 ]

demo: setup  ## The whole pipeline against a simulator, each row compared with the truth (ARGS="--seed 3")
	$(BIN)/engagement demo $(ARGS)

up: setup  ## Run the stack on this machine until Ctrl-C (ARGS="--simulate")
	$(BIN)/engagement up $(ARGS)

bench: setup  ## Measure each stage and the whole way; results go to bench/results
	$(BIN)/python -m bench $(ARGS)

bench-peers: setup  ## One stream on this engine and on Kafka Streams, Bytewax, Quix (ARGS="ours kstreams -n 200000")
	$(BIN)/python -m bench.peers $(ARGS)

campaign: setup  ## The long kill campaign; resumable, one JSON line a run
	$(BIN)/python -m deploy.local.campaign $(ARGS)

lock: setup  ## Resolve the requirements anew
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) --extra local --extra dev pyproject.toml -o requirements-dev.lock
	$(COMPILE) deploy/docker/requirements-build.in -o deploy/docker/requirements-build.lock

secrets: setup  ## Make the secret files that docker-compose.yml mounts (ENGAGEMENT_SECRETS, default ./secrets)
	$(BIN)/python -m deploy.secrets "$${ENGAGEMENT_SECRETS:-secrets}"

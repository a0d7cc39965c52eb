# Everything below sets up what it needs in `.venv`, without root.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The simulator's wheels are for Python 3.11 and 3.12: these first.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	command -v $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

# Hundreds of processes start, so what Python has compiled is kept.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(VENV)/pycache

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.made: .ci/bootstrap.py
	@test -n "$(PYTHON)" || { echo "error: no python3 found" >&2; exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || \
		{ echo "making $(VENV) with $(PYTHON)"; $(PYTHON) .ci/bootstrap.py $(VENV); }
	@touch $@

$(VENV)/.user: pyproject.toml $(VENV)/.made
	@echo "installing what the compiler and the simulator need (once)"
	@$(PIP) -e '.[run]'
	@touch $@

$(VENV)/.developer: pyproject.toml $(VENV)/.made
	@echo "installing what the tests need (once)"
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.user

.PHONY: install
install: $(VENV)/.user ## the tools deployopt and deployc, in .venv/bin

.PHONY: develop
develop: $(VENV)/.developer ## the same and all that the tests need

.PHONY: demo
demo: $(VENV)/.user ## classify a handwritten digit on a simulated RISC-V machine
	@$(BIN)/deployc demo

# Long tests come last in some files: who is done takes from who is not.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

.PHONY: test
test: lint-and-lit ## everything; what is not installed is skipped and named
	$(PYTEST)

.PHONY: check
check: lint-and-lit ## the same without the slow tests
	$(PYTEST) -m "not slow"

.PHONY: lint-and-lit
lint-and-lit: $(VENV)/.developer # beside each other: the type checker has one thread
	@$(MAKE) --no-print-directory -j2 --output-sync=target lint lit

.PHONY: lint
lint: $(VENV)/.developer ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

.PHONY: lit
lit: $(VENV)/.developer ## the tests that read and check IR
	$(BIN)/lit -sv -j $(JOBS) tests/filecheck

.PHONY: unit
unit: $(VENV)/.developer ## the fast unit tests
	$(PYTEST) -m "not slow" tests/unit

.PHONY: format
format: $(VENV)/.developer ## format, and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: docs
docs: $(VENV)/.developer ## site/: the documents, with a reference made of the code
	$(BIN)/python -m mkdocs build --strict

.PHONY: wheel
wheel: $(VENV)/.developer ## dist/: the sdist, and the wheel made from it
	$(BIN)/python -m build --quiet

.PHONY: clean
clean: ## removes what was built; .venv stays
	rm -rf build dist out site .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

# Everything a person or CI does with this project. `make chat` and `make test` need nothing but
# Python >= 3.11, make and a C compiler.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: help setup setup-dev chat test test-browser bench vectors texts lint format lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

setup: $(VENV)/.runtime ## make .venv and install the pinned packages

setup-dev: $(VENV)/.dev ## the same with the tools for tests and checks

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock $(VENV)/bin/python
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

chat: setup ## start the chat page at http://127.0.0.1:8080
	@exec $(PY) bot.py

test: setup-dev ## every test, on SQLite and on a real PostgreSQL
	$(PY) -m pytest --numprocesses 2 --dist loadgroup

test-browser: setup-dev ## the chat page in headless Chromium, with screenshots in build/
	$(PY) -m pytest tests/browser

bench: setup-dev ## speed and memory beside peers, as tables
	$(PY) -m tests.benchmarks

vectors: setup-dev ## embed what changed in knowledge/ and fit the weights anew
	$(PY) bot.py vectors

texts: setup-dev ## collect the bot's sentences into locales/
	$(PY) -m tests.catalogs

lint: setup-dev ## format, lint, types, import contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/mypy bot.py
	$(VENV)/bin/lint-imports

format: setup-dev ## format the code
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

lock: ## pin the newest allowed packages (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command "make lock" -o requirements.lock
	uv pip compile --group dev pyproject.toml --universal --python-version 3.11 --generate-hashes \
		-c requirements.lock --custom-compile-command "make lock" -o requirements-dev.lock

clean: ## remove what was built here, not the data
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis

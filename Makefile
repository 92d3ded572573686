# Every target does its own set-up: it makes .venv with the first Python >= 3.11 it finds and
# installs what it needs from requirements/*.txt, each file checked against its hashes.
# Pick another interpreter with `make PYTHON=/path/to/python3 …`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
CODE := bot cogs data tests
LOCALES := bot/locale
# Two cores suit four workers: two of them wait, for a process to come up or for its timers (see
# `tests/conftest.py`). With more, what each sets up for itself and what they take
# from each other is more than what is won. More help on larger machines: `make test WORKERS=8`.
WORKERS ?= 4
# Whatever the machine is set to, compiled modules are kept: each worker, and each process that the
# tests start, would compile all of them anew.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n $(WORKERS) --dist loadgroup
ARGS ?=

# Each set of requirements includes the smaller ones, so one stamp stands for those too.
RUN_STAMP := $(VENV)/.installed-run
SANDBOX_STAMP := $(VENV)/.installed-sandbox
DEV_STAMP := $(VENV)/.installed-dev

.PHONY: help
help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# --- set-up ------------------------------------------------------------------------------------

# Prints the interpreter to use. A shim that exists but does not run (pyenv) is passed over.
define FIND_PYTHON
for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		echo "$$candidate"; exit 0; \
	fi; \
done; \
echo "Askwell needs Python 3.11 or newer, and found none (looked for python3, python3.13," >&2; \
echo "python3.12, python3.11). Install one, or name it: make PYTHON=/path/to/python3 …" >&2; \
exit 1
endef

# An environment whose interpreter is gone (upgraded, moved) is made anew.
define MAKE_VENV
if ! $(PY) -m pip --version >/dev/null 2>&1; then \
	python=$$($(FIND_PYTHON)) || exit 1; \
	echo "Making $(VENV) with $$("$$python" --version)…"; \
	rm -rf $(VENV); \
	if ! "$$python" -m venv $(VENV); then \
		echo "This Python can't make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; \
		rm -rf $(VENV); exit 1; \
	fi; \
fi
endef

# $(call INSTALL,requirements file,what it is for)
define INSTALL
$(MAKE_VENV); \
echo "Installing $(1) ($(2))…"; \
$(PY) -m pip install -qq --disable-pip-version-check --no-input --no-deps --require-hashes -r $(1)
endef

# Without the texts that document code the bot takes 5 MB less: see decision 41. Compiled here, since a
# service can't write into its own folder, and would compile all of it at each start.
$(RUN_STAMP): requirements/run.txt
	@$(call INSTALL,$<,what the bot needs)
	@$(PY) -OO -m compileall -q -x '/pip/' $(VENV)/lib || echo "Some modules were not compiled: the bot starts more slowly." >&2
	@touch $@

$(SANDBOX_STAMP): requirements/sandbox.txt
	@$(call INSTALL,$<,the bot and the simulated Discord; about a minute)
	@touch $(RUN_STAMP) $@

$(DEV_STAMP): requirements/dev.txt
	@$(call INSTALL,$<,everything to test and check; about two minutes)
	@touch $(RUN_STAMP) $(SANDBOX_STAMP) $@

.PHONY: venv venv-run venv-sandbox venv-dev
# Asked for before each target: an environment that does not run loses its stamps with it.
venv:
	@if [ -d $(VENV) ] && ! $(PY) -m pip --version >/dev/null 2>&1; then rm -rf $(VENV); fi
venv-run: venv
	@$(MAKE) -s $(RUN_STAMP)
venv-sandbox: venv
	@$(MAKE) -s $(SANDBOX_STAMP)
venv-dev: venv ## An environment with everything in it
	@$(MAKE) -s $(DEV_STAMP)

# --- use ---------------------------------------------------------------------------------------

.PHONY: sandbox run doctor invite
sandbox: venv-sandbox ## The real bot in a simulated Discord, in your browser
	@exec $(PY) -m bot sandbox $(ARGS)

run: venv-run ## The bot on Discord, with the token in .env
	@exec $(PY) -OO -m bot run $(ARGS)

doctor: venv-run ## Checks token, permissions, database and clock
	@exec $(PY) -m bot doctor $(ARGS)

invite: venv-run ## The link that adds the bot to a server
	@exec $(PY) -m bot invite $(ARGS)

# --- check -------------------------------------------------------------------------------------

.PHONY: test check format lint types layers bench bench-quick soak
test: venv-dev ## The tests, on SQLite and PostgreSQL
	@$(PYTEST) $(ARGS)

check: lint types layers ## All that CI runs: format, lint, types, layers, tests
	@$(PYTEST) $(ARGS)

lint: venv-dev
	@echo "Format…" && $(BIN)/ruff format --check --quiet $(CODE) || \
		{ echo "Not formatted: run make format" >&2; exit 1; }
	@echo "Lint…" && $(BIN)/ruff check --quiet $(CODE)

types: venv-dev
	@echo "Types…" && PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright --pythonpath $(PY) --warnings

layers: venv-dev
	@echo "Layers…" && $(BIN)/lint-imports --no-logo

format: venv-dev ## Formats the code and repairs what ruff can
	@$(BIN)/ruff check --fix --quiet $(CODE) || true
	@$(BIN)/ruff format $(CODE)

bench-quick: venv-dev ## The first benchmark, in about four minutes
	@exec $(PY) -m tests.bench --quick $(ARGS)

bench: venv-dev ## The whole benchmark
	@exec $(PY) -m tests.bench $(ARGS)

soak: venv-dev ## Hours of a busy server in the simulator
	@exec $(PY) -m tests.bench --soak $(ARGS)

# --- upkeep ------------------------------------------------------------------------------------

.PHONY: translations requirements clean
translations: venv-dev ## Brings the catalogues up to date with the sources
	@$(BIN)/pybabel --quiet extract --no-default-keywords -k t:1 -k plural:1,2 -k N_ -k NP_:1,2 \
		--add-comments=Translators: --sort-by-file --add-location=file --no-wrap --omit-header \
		--output $(LOCALES)/askwell.pot bot cogs
	@$(BIN)/pybabel --quiet update --domain askwell --input-file $(LOCALES)/askwell.pot \
		--output-dir $(LOCALES) --no-wrap --ignore-pot-creation-date --no-fuzzy-matching
	@$(BIN)/pybabel --quiet compile --domain askwell --directory $(LOCALES) --statistics

UV := $(BIN)/uv
COMPILE := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make requirements"
requirements: venv ## Compiles requirements/*.txt from pyproject.toml (ARGS=--upgrade for newer ones)
	@$(MAKE_VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(COMPILE) $(ARGS) --extra postgres -o requirements/run.txt
	@$(COMPILE) $(ARGS) --extra postgres --extra similar -c requirements/run.txt -o requirements/similar.txt
	@$(COMPILE) $(ARGS) --extra postgres --extra sandbox -c requirements/run.txt -o requirements/sandbox.txt
	@$(COMPILE) $(ARGS) --extra postgres --extra sandbox --group dev -c requirements/sandbox.txt -o requirements/dev.txt

clean: ## Removes environment, caches and builds; keeps var/ and .env
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

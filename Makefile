# Paceline. Type `make` to see what there is to do.
#
# Everything runs from .venv, which is built on first use and again when pyproject.toml or
# .constraints.txt change. Nothing needs root.

PYTHON   ?= python3
SCENARIO ?= full
SEED     ?=
DB       ?=
WORKERS  ?=
EVENTS   ?=
EVENTS_OF ?=
FILE     ?=
K        ?=
KIND     ?=
NAME     ?=

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
COLLECTED := $(VENV)/.collected
PIP   := $(BIN)/python -m pip --disable-pip-version-check

# --db beats DB beats DATABASE_URL beats ads.db; the command itself knows the last two.
db-option = $(if $(DB),--db "$(DB)")

# Byte code is made of what is imported, when it is, so that no process compiles it twice.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help deps init-db simulate test test-one lint check bench siege new generated verify notebooks clean

help: ## Show this list
	@echo 'Usage: make TARGET [VARIABLE=value]...'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo 'Variables:'
	@echo '  SCENARIO  market to run, a name or a YAML file (now: $(SCENARIO))'
	@echo '  SEED      seed, instead of the one in the scenario'
	@echo '  DB        database, a file or the URL of one in PostgreSQL (else $$DATABASE_URL, else ads.db)'
	@echo '  WORKERS   how many threads run the market; the result is the same'
	@echo '  EVENTS    folder for the events as Parquet'
	@echo '  EVENTS_OF which of them: all, sample:1% of the viewers, or lost:1% with all bids for their slots'
	@echo '  KIND,     the family of a new part (pacing, auction, bidding, valuation, ambient, deal, pods)'
	@echo '  NAME      and its name, as in my_policy'
	@echo '  FILE, K   the test file of test-one, and words that its tests must have in their names'
	@echo '  PYTHON    the Python, 3.11 or newer, that builds $(VENV) (now: $(PYTHON))'

deps: $(STAMP) ## Build .venv with the pinned packages
	@:

$(STAMP): pyproject.toml .constraints.txt
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo 'error: $(PYTHON) not found; name a Python 3.11 or newer with PYTHON=' >&2; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: Paceline needs Python 3.11 or newer; $(PYTHON) is" \
	         "$$("$(PYTHON)" -c 'import platform; print(platform.python_version())')," \
	         "name another with PYTHON=" >&2; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'error: $(PYTHON) has no venv; install it (Debian, Ubuntu: the package python3-venv)' >&2; exit 2; }
	@echo 'Building $(VENV) (once; takes a minute)'
	@test -x $(BIN)/python || "$(PYTHON)" -m venv --clear $(VENV)
	@# The build backend and pip are pinned like the rest, and so the project builds without an environment of its own.
	@$(PIP) install --quiet --no-compile --require-hashes --requirement .constraints.txt
	@$(PIP) install --quiet --no-compile --no-deps --no-build-isolation --editable .
	@touch $@

init-db: $(STAMP) ## Create the database and its tables
	@$(BIN)/paceline init-db $(db-option)

simulate: $(STAMP) ## Run the market: SCENARIO= SEED= DB= WORKERS= EVENTS= EVENTS_OF=
	@$(BIN)/paceline simulate "$(SCENARIO)" $(db-option) $(if $(SEED),--seed "$(SEED)") \
	  $(if $(WORKERS),--workers "$(WORKERS)") $(if $(EVENTS),--events "$(EVENTS)") $(if $(EVENTS_OF),--events-of "$(EVENTS_OF)")

# What the tests run is compiled once, and not by each of their processes.
$(COMPILED): $(STAMP) tests/compiled.py $(wildcard sim/*.py sim/kernels/*.py sim/auction/*.py analysis/forecast/kernels/*.py entities/enums/*.py)
	@echo 'Compiling what the tests run (takes a minute)'
	@$(BIN)/python -W ignore -m tests.compiled
	@touch $@

test: $(COMPILED) ## Run every test, and measure what they cover
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal --cov

# Reading the tests leaves byte code, which each process of `test` would else make for itself.
$(COLLECTED): $(STAMP)
	@said=$$($(BIN)/python -m pytest --collect-only --quiet) || { echo "$$said"; exit 1; }
	@touch $@

test-one: $(STAMP) ## Run one test file, or those of its tests that K= names: FILE=tests/unit/... K=
	@test -n "$(FILE)" || { echo 'error: say which: make test-one FILE=tests/... [K=words]' >&2; exit 2; }
	@$(BIN)/python -m pytest "$(FILE)" $(if $(K),-k "$(K)")

lint: $(STAMP) ## Check format, style, types and floors
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check: lint test ## Lint and test: all that must hold

bench: $(STAMP) ## Measure auctions per second and peak memory
	@$(BIN)/python -m tests.bench

siege: $(STAMP) ## Kill runs, fill disks, damage files and write nonsense, for some minutes
	@$(BIN)/python -m tests.siege

new: $(STAMP) ## Write a part to begin with: KIND=pacing NAME=my_policy, a copy of LIKE=pid or of a small one
	@test -n "$(KIND)" -a -n "$(NAME)" || { echo 'error: say which: make new KIND=pacing NAME=my_policy' >&2; exit 2; }
	@$(BIN)/python -m tests.new "$(KIND)" "$(NAME)" $(LIKE)

generated: $(STAMP) ## Write anew what is generated: schemas, tables, golden runs, outputs on pages
	@$(BIN)/python -m tests.generated

verify: $(STAMP) ## Compare exact markets with theory; takes minutes
	@$(BIN)/paceline verify

notebooks: $(STAMP) ## Show the runs of the database in the browser (DB=)
	@$(BIN)/paceline notebook $(db-option)

clean: ## Remove .venv, caches and builds, never a database
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find sim entities scenarios analysis tests -name __pycache__ -type d -prune -exec rm -rf {} +

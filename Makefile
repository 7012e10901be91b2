# Needs Python 3.11 or newer and make; everything else goes into .venv. `make` alone lists what there is.

PYTHON ?= python3
ARGS ?=
# Tests wait as much as they compute: two processes more than a small machine has cores. Each takes
# its tests from one place, so that what a module shares is made once, and helps the others at the end.
WORKERS ?= 4
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
MIGRATIONS := $(filter-out %.rollback.sql,$(wildcard migrations/*.sql))
# Migrations up to 0010 were released with longer lines, and are never edited.
SQL = $(shell find procedures migrations tests benchmarks driver -name '*.sql' \
	! -path 'migrations/000*' ! -path 'migrations/0010_*')

.PHONY: help demo test check lint lint-python lint-types lint-migrations lint-sql format docs \
	docs-check bench bench-full torture clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "ARGS='-k rollback' selects tests; MYTRADER_ETL_TEST_PG=16 or =/usr/lib/postgresql/15/bin"
	@echo "tests on another server than the embedded PostgreSQL 18."

demo: $(VENV)/.demo  ## the whole story on an embedded PostgreSQL, under a minute
	@$(BIN)/python -m mytrader_etl.demo $(ARGS)

test: $(INSTALLED)  ## all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: lint docs-check test  ## what must hold before a merge, on one server; .ci/run: on three

lint: lint-python lint-types lint-migrations lint-sql  ## style, types, migrations, width of SQL

lint-python: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

lint-types: $(INSTALLED)
	@mkdir -p build/mypy && ln -sfn ../../driver build/mypy/mytrader_etl
	MYPYPATH=build/mypy $(BIN)/mypy

lint-migrations: $(INSTALLED)
	$(BIN)/squawk $(MIGRATIONS)

lint-sql:
	@LC_ALL=C.UTF-8 grep -nE '^.{101}' $(SQL) && { \
	    echo 'these lines of SQL are over 100 columns' >&2; exit 1; } || [ $$? = 1 ]

format: $(INSTALLED)  ## format Python, and cure what ruff can cure
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(INSTALLED)  ## write driver/options and docs/reference.md anew, from the database
	$(BIN)/python -m tools.generate

docs-check: $(INSTALLED)  ## fail where one of them is out of date
	$(BIN)/python -m tools.generate --check

bench: $(INSTALLED)  ## benchmarks, some minutes; results go into docs/performance.md
	$(BIN)/python -m benchmarks $(ARGS)
	$(BIN)/python -m benchmarks.report

bench-full: $(INSTALLED)  ## all benchmarks, with ten times the rows, hours
	$(BIN)/python -m benchmarks --full $(ARGS)
	$(BIN)/python -m benchmarks.report

torture: $(INSTALLED)  ## kill it for as long as you like
	$(BIN)/python -m pytest -m 'torture or not torture' tests/reliability tests/correction/test_failed_records.py $(ARGS)

clean:  ## remove what was made, .venv too
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.demo: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	@touch $@

$(INSTALLED): setup.cfg pyproject.toml $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench,demo,test,lint]'
	@touch $@

# Needs Python 3.11 or newer and make; everything else goes into .venv.
#
#   make demo         the whole story on an embedded PostgreSQL, under a minute
#   make test         all tests; MYTRADER_ETL_TEST_PG=16 or =/usr/lib/postgresql/15/bin for another
#                     server, ARGS='-k rollback' for some of them
#   make lint         style, types, migrations
#   make docs         write driver/options and docs/reference.md anew, from the database
#   make bench        benchmarks, some minutes; make bench-full: all, with ten times the rows, hours;
#                     both write their results into docs/performance.md
#   make torture      kill it for as long as you like

PYTHON ?= python3
ARGS ?=
# Tests wait as much as they compute: two processes more than a small machine has cores. Each takes
# its tests from one place, so that what a module shares is made once, and helps the others at the end.
WORKERS ?= 4
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
MIGRATIONS := $(filter-out %.rollback.sql,$(wildcard migrations/*.sql))

.PHONY: demo test lint format docs docs-check bench bench-full torture clean

demo: $(VENV)/.demo
	@$(BIN)/python -m mytrader_etl.demo $(ARGS)

test: $(INSTALLED)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@mkdir -p build/mypy && ln -sfn ../../driver build/mypy/mytrader_etl
	MYPYPATH=build/mypy $(BIN)/mypy
	$(BIN)/squawk $(MIGRATIONS)

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(INSTALLED)
	$(BIN)/python -m tools.generate

docs-check: $(INSTALLED)
	$(BIN)/python -m tools.generate --check

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks $(ARGS)
	$(BIN)/python -m benchmarks.report

bench-full: $(INSTALLED)
	$(BIN)/python -m benchmarks --full $(ARGS)
	$(BIN)/python -m benchmarks.report

torture: $(INSTALLED)
	$(BIN)/python -m pytest -m 'torture or not torture' tests/reliability tests/correction/test_failed_records.py $(ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.demo: setup.cfg pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	@touch $@

$(INSTALLED): setup.cfg pyproject.toml $(VENV)/.demo
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench,demo,test,lint]'
	@touch $@

# Two commands matter: `make demo` and `make test`. Syntax of make 3.81 (macOS).

PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
V := .venv/bin
PIP := $(V)/python -m pip --disable-pip-version-check

.PHONY: help setup demo test test-sqlite test-postgres audit check lock bench clean

help:            ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*##/\t/'

setup: var/.installed var/.translated  ## .venv with the command .venv/bin/consortium

demo: setup      ## the demonstration; Ctrl-C stops everything
	@$(V)/consortium demo

test: var/.installed-dev var/.translated  ## everything on SQLite, then what touches the database on PostgreSQL
	$(V)/python -m pytest -q -n 2 --dist loadfile
	$(V)/python -m pytest -q -n 2 --dist loadfile --database postgresql

test-sqlite: var/.installed-dev var/.translated
	$(V)/python -m pytest -q -n 2 --dist loadfile

test-postgres: var/.installed-dev var/.translated
	$(V)/python -m pytest -q -n 2 --dist loadfile --database postgresql

audit: var/.installed-dev var/.translated  ## long evidence: 10,000 hostile files, 50 rounds of 200 acceptances for 5 seats on both databases
	HOSTILE_FILES=10000 $(V)/python -m pytest -q tests/imports/test_hostile_files.py
	LAST_SEAT_ROUNDS=50 $(V)/python -m pytest -q tests/applications/test_last_seat.py
	LAST_SEAT_ROUNDS=50 $(V)/python -m pytest -q tests/applications/test_last_seat.py --database postgresql

check: var/.installed-dev var/.translated  ## style, types, import contracts, templates, languages
	$(V)/consortium check --no-tests

bench: var/.installed-dev var/.translated  ## the method, the pages, imports and starts measured; writes benchmarks/results/
	-$(V)/python benchmarks/bench_matching.py
	-$(V)/consortium evaluate ../shared/eval/zh_titles ../shared/eval/zh_majors ../shared/eval/en_tasks
	-$(V)/python benchmarks/whatif.py
	-$(V)/python benchmarks/exposure.py
	-$(V)/python benchmarks/pages.py
	-$(V)/python benchmarks/imports.py
	-$(V)/python benchmarks/bench_rounds.py
	-$(V)/python benchmarks/runs.py
	-$(V)/python benchmarks/starts.py

lock:            ## rewrite both lock files (needs uv)
	uv export -q --no-dev --extra postgres --no-emit-project --no-header --no-annotate -o requirements.lock >/dev/null
	uv export -q --all-groups --extra postgres --no-emit-project --no-header --no-annotate -o requirements-dev.lock >/dev/null
	rm -f uv.lock

clean:           ## remove .venv and everything the demonstration kept
	rm -rf .venv var

.venv/.made:
	@test -n "$(PYTHON)" || { echo "A Python of at least 3.11 is needed; none was found." >&2; exit 1; }
	@echo "Making .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv 2>/dev/null || $(PYTHON) -m venv --without-pip .venv
	@$(V)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m pip --python .venv/bin/python install -q pip
	@touch $@

var/.installed: requirements.lock pyproject.toml .venv/.made
	@echo "Installing what is locked (the first time this takes a minute)"
	@mkdir -p var
	@test -f var/.installed-dev || $(PIP) install -q --require-hashes --no-deps -r requirements.lock
	@$(PIP) install -q --no-build-isolation --no-deps -e .
	@$(V)/python -c 'from consortium.matching.loops import warm; warm()'
	@touch $@

var/.installed-dev: requirements-dev.lock pyproject.toml .venv/.made
	@echo "Installing what tests need"
	@mkdir -p var
	@$(PIP) install -q --require-hashes --no-deps -r requirements-dev.lock
	@$(PIP) install -q --no-build-isolation --no-deps -e .
	@touch $@ var/.installed

var/.translated: consortium/translations/zh/LC_MESSAGES/messages.po consortium/translations/en/LC_MESSAGES/messages.po
	@test -f var/.installed || test -f var/.installed-dev || $(MAKE) var/.installed
	@$(V)/python -m babel.messages.frontend -q compile -d consortium/translations 2>/dev/null || $(V)/pybabel -q compile -d consortium/translations
	@touch $@

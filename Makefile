# Everything runs in .venv, made by the first target that needs it. `make` alone lists the targets.
# Needed beforehand: Python 3.11 or newer, with its venv module, and make.

# Paths below are relative, so that a folder with blanks in its name works.
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint bench bench-strategies docs clean
.DELETE_ON_ERROR:

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1:/p' Makefile | awk -F: '{ printf "make %-16s %s\n", $$1, $$2 }'

demo: .venv/installed ## five rounds on real data, from no label at all, in the folder demo/
	@$(BIN)/python sample_data/play.py

test: lint ## lint, then all tests but the slow ones, with coverage
	$(BIN)/python -m pytest -m "not slow" -n $(JOBS) --cov --cov-report=term:skip-covered

test-slow: .venv/tested ## the tests that take minutes, also with real labelling tools
	$(BIN)/python -m pytest -m slow -n $(JOBS) --dist loadfile

lint: .venv/tested ## style, types and the arrows between rooms
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

bench: .venv/tested ## time and memory beside bare scripts, as ratios
	$(BIN)/python -m benchmarks

bench-strategies: .venv/tested ## every strategy beside the libraries that have it too (an hour)
	$(BIN)/python -m benchmarks.strategies

docs: .venv/tested ## write the generated pages of docs/ again
	$(BIN)/python docs/generate.py

clean: ## remove everything that make made
	rm -rf .venv .venv-* build dist demo benchmarks/out .coverage .coverage.* .hypothesis
	rm -rf .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find alcli tests benchmarks docs sample_data -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed in place, so that a changed source file needs no second installation; a changed
# pyproject.toml does. The stamps come last: an interrupted installation is done again.
.venv/tested: .venv/python pyproject.toml
	@echo "installing alcli with what its tests need into .venv …"
	@$(PIP) install -e ".[test]"
	@touch .venv/installed .venv/tested

.venv/installed: .venv/python pyproject.toml
	@echo "installing alcli into .venv …"
	@$(PIP) install -e .
	@touch .venv/installed

# A name on the PATH is no proof: it may be a pyenv shim, too old, or without ensurepip (Debian's python3-venv).
.venv/python:
	@for python in $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3.14 python3 python); do \
	    if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        rm -rf .venv && "$$python" -m venv .venv && touch .venv/python && exit 0; \
	        exit 1; \
	    fi; \
	done; \
	echo "no Python 3.11 or newer with its venv module was found" >&2; \
	echo "on Debian and Ubuntu: apt-get install python3-venv; elsewhere: make PYTHON=/path/to/python" >&2; \
	exit 1

# Everything a fresh machine needs: Python 3.11+, git and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: test check

.venv/test: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -c constraints.txt -e '.[test]'
	touch .venv/test

test: .venv/test
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not slow" -q

check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Everything a fresh machine needs: Python 3.11+, git and make.
PYTHON ?= python3
BIN := .venv/bin

# Which tests `make test` runs, and further options of pytest; .ci/run chooses more.
TESTS ?= not slow and not long
OPTIONS ?=

.PHONY: run test coverage check benchmark

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -c constraints.txt -e .
	touch .venv/installed

.venv/test: .venv/installed
	$(BIN)/pip install --quiet -c constraints.txt -e '.[test,nixtla]'
	touch .venv/test

run: .venv/installed
	$(BIN)/recurbench run

test: .venv/test
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "$(TESTS)" -q -n 2 --dist loadfile --no-loadscope-reorder $(OPTIONS)

# Takes twice the time of the tests. Counted are lines that run in the process of the tests, and none that run
# only in worker processes and in commands of their own.
coverage:
	$(MAKE) test TESTS="not slow" OPTIONS="--cov --cov-report=term"

# Lint, format, and the types and imports of the wheel as users get it: the editable finder hides modules.
check: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	rm -rf build .venv/wheel
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --target .venv/wheel .
	rm -rf build
	MYPYPATH=.venv/wheel $(BIN)/mypy -p recurbench
	PYTHONPATH=.venv/wheel $(BIN)/lint-imports --no-cache
	$(BIN)/python docs/draw_architecture.py --check

# Ratios against a peer need the peer: install benchopt into .venv first, or go without.
benchmark: .venv/installed
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/stacked.py
	$(BIN)/python benchmarks/levels.py
	$(BIN)/python benchmarks/warping_speed.py
	$(BIN)/python benchmarks/minirocket_speed.py

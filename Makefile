# Two commands matter: `make demo` and `make test`. Both install what they need first.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install demo test lint bench verify lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   install, then run ten centres, one round and the public page"
	@echo "make test   install, then lint, types, layers and the whole test suite"
	@echo "make bench  print the measured ratios behind our claims"
	@echo "make verify the longer proofs: full benchmarks and mutation tests of privacy/"

install: $(VENV)/installed

# requirements.lock pins every package by hash; uv itself is one of them.
$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/^[a-z].*==/{/^uv==/p;/^ /p}' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

demo: install
	$(BIN)/wegwijs demo

test: install lint
	$(BIN)/python -m pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m benchmarks.secure_sum --quick
	$(BIN)/python -m benchmarks.accuracy --quick
	$(BIN)/python -m benchmarks.audit --quick

# Hours, not minutes: run by hand before a release; results are kept in docs/.
verify: install
	$(BIN)/python -m benchmarks.secure_sum
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.audit
	nice $(BIN)/python -m tests.mutation

lock:
	$(BIN)/uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --python-version 3.11 -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov mutants

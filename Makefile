# Two commands matter: `make demo` and `make test`. Both install what they need first.
PYTHON ?= python3.11
JOBS ?= $(shell nproc)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: install packages demo test quick lint bench verify lock clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   install, then run ten centres, one round and the public page"
	@echo "make test   install, then lint, types, layers and the whole test suite"
	@echo "make quick  the tests of daily use: units, without those of many draws"
	@echo "make bench  print the measured ratios behind our claims"
	@echo "make verify the longer proofs: full benchmarks, mutation tests of privacy/, a bare machine"

install: $(VENV)/installed

packages:
	deploy/packages python tests

# requirements.lock pins every package by hash; uv itself is one of them.
$(VENV)/installed: requirements.lock pyproject.toml
	PYTHON=$(PYTHON) deploy/packages python
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/^[a-z].*==/{/^uv==/p;/^ /p}' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

demo: install
	$(BIN)/wegwijs demo

# Tests that share what is dear to make stay in one process. The longest come first.
SIDE_BY_SIDE = -n $(JOBS) --dist loadfile --no-loadscope-reorder

test: packages install lint
	$(BIN)/python -m pytest tests/protocol tests/unit $(SIDE_BY_SIDE)
	$(BIN)/python -m pytest tests/system tests/browser $(SIDE_BY_SIDE) -m "not alone"
	$(BIN)/python -m pytest tests/system tests/browser -m alone

quick: install
	$(BIN)/python -m pytest tests/unit $(SIDE_BY_SIDE) -m "not slow and not heavy"

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install
	$(BIN)/python -m benchmarks.secure_sum --quick
	$(BIN)/python -m benchmarks.accuracy --quick
	$(BIN)/python -m benchmarks.audit --quick
	$(BIN)/python -m benchmarks.truth --quick

# Hours, not minutes: run by hand before a release; results are kept in docs/.
verify: install
	$(BIN)/python -m benchmarks.secure_sum
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.audit
	$(BIN)/python -m benchmarks.truth
	WEGWIJS_HOSTILE_PLAYS=2000 $(BIN)/python -m pytest tests/protocol/test_hostile_centre.py \
	  tests/protocol/test_hostile_witness.py
	nice $(BIN)/python -m tests.mutation
	tests/bare_machine

lock:
	$(BIN)/uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-annotate --python-version 3.11 -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis htmlcov mutants

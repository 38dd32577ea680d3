# Two commands suffice: `make run` serves the page and the API, `make test` passes the tests.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin

.DEFAULT_GOAL := run
.PHONY: run install test lint types unit bench screenshots gallery soak chaos format clean

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.service: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[onnx,torch]'
	@touch $@

.venv/.test: pyproject.toml | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ .venv/.service

run: .venv/.service ## serve on HOST:PORT
	@HOST=$(HOST) PORT=$(PORT) exec $(BIN)/python -m app

install: .venv/.test ## everything that developing and training need

test: lint types unit ## all checks, as CI runs them

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.test
	$(BIN)/mypy

# The accessibility rules that the page's tests check; without npm those tests are skipped, but not by CI.
tests/browser/node_modules: tests/browser/package.json
	@if command -v npm >/dev/null; then \
		npm install --prefix tests/browser --no-package-lock --no-audit --no-fund --ignore-scripts --silent && touch $@; \
	else echo "npm is not here: the page's accessibility rules are not checked"; fi

unit: .venv/.test tests/browser/node_modules
	$(BIN)/python -m pytest

soak: .venv/.test ## 20,000 mixed requests: memory, threads and files stay flat
	$(BIN)/python -m tests.robustness.soak

chaos: .venv/.test ## kill, flood, trickle, drop, stop under load: nothing is lost
	$(BIN)/python -m tests.robustness.chaos

# LitServe sees the packages that are here already, and brings no other torch.
.venv/.litserve: | .venv/.test
	$(BIN)/python -m venv .venv/litserve
	$(BIN)/python -c "import site; print(*site.getsitepackages())" \
		> "$$(echo .venv/litserve/lib/python3*/site-packages)/digits.pth"
	.venv/litserve/bin/python -m pip install --quiet --disable-pip-version-check 'litserve>=0.2.10' && touch $@

bench: .venv/.test ## measure the service beside others: docs/performance.md
	@$(MAKE) --no-print-directory .venv/.litserve || echo "LitServe cannot be installed, and is not measured"
	$(BIN)/python -m tests.benchmarks --report docs/performance.md

screenshots: .venv/.test ## take docs/*.png from the running page
	$(BIN)/python -m tests.browser.screenshots

gallery: .venv/.test ## draw docs/gallery.png: what is made of the pictures in tests/data/gallery
	$(BIN)/python -m tests.gallery

format: .venv/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

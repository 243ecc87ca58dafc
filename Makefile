# One recipe per habit; `make help` lists them. Continuous integration runs `make test`.

PYTHON ?= python3
BIN := .venv/bin
PIP := python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
INSTALL := $(BIN)/$(PIP)
BENCH_INSTALL := .venv-bench/bin/$(PIP)

.DEFAULT_GOAL := help
.PHONY: help setup demo format lint types imports check test golden docs cover slow gpu chromium bench clean

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1 /p' Makefile | while read -r name text; do printf '%-10s%s\n' "$$name" "$$text"; done

setup: .venv/dev  ## make .venv with everything that development needs

# torch first: asked for by itself it keeps to the pinned release, whose CPU build is the smallest.
.venv/snnc: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) torch
	$(INSTALL) --editable '.[diagrams]'
	@touch $@

.venv/dev: .venv/snnc
	$(INSTALL) --editable '.[diagrams,log,data,dev]'
	@touch $@

demo: .venv/snnc  ## install snnc, compile one spec and show what it made
	$(BIN)/snnc compile specs/vgg11x2.spec
	ls -l build/vgg11x2
	cat build/vgg11x2/vgg11x2_snn.py

format: .venv/dev  ## rewrite the code as ruff would have it
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lint: .venv/dev  ## ruff: the rules, then the format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/dev  ## mypy, strict
	$(BIN)/mypy

imports: .venv/dev  ## the architecture: who may import whom
	$(BIN)/lint-imports --no-logo

check: lint types imports  ## all that needs no run: lint, types, imports

test: check  ## check, then every test that is not slow
	$(BIN)/pytest --numprocesses 2 --dist worksteal

golden: .venv/dev  ## rewrite the golden files; review the diff
	$(BIN)/pytest --update-golden

cover: .venv/dev  ## which lines no test runs
	$(BIN)/pytest --numprocesses 2 --cov --cov-report term-missing:skip-covered

slow: .venv/dev  ## the slow tests, and the property tests at length
	$(BIN)/pytest -m '(slow or hypothesis) and not gpu and not chromium' --hypothesis-profile thorough

gpu: .venv/dev  ## the tests that need an accelerator
	$(BIN)/pytest -m gpu

chromium: .venv/dev  ## the tests that draw in a browser
	$(BIN)/pytest -m chromium

docs: .venv/dev  ## redraw the images of the documentation
	$(BIN)/pytest --update-golden tests/backends/diagram/test_images.py

# In an environment of its own: its libraries ask for releases, and for packages, that this project does not.
.venv-bench/done: benchmarks/requirements.txt constraints.txt
	$(PYTHON) -m venv .venv-bench
	$(BENCH_INSTALL) torch
	$(BENCH_INSTALL) --editable .
	$(BENCH_INSTALL) --no-deps --requirement benchmarks/requirements.txt
	@touch $@

bench: .venv-bench/done  ## time and memory beside other libraries; BENCH='--network vgg5 --timesteps 25' for less
	.venv-bench/bin/python -m benchmarks $(BENCH)

clean:  ## remove caches and build results; .venv stays
	rm -rf build dist .coverage htmlcov .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find snnc tests -name __pycache__ -type d -prune -exec rm -rf {} +

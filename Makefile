# Two commands are enough: `make demo` shows the whole path, `make test` proves it.
# Both make .venv on first use. Needs Python 3.11 or 3.12, make and git.

SHELL := /bin/bash
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# The first Python that really runs: a version manager's shim may exist and fail.
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null && echo $$p && break; done)
SYSTEM_PACKAGES := chromium libegl1 libgl1 libgl1-mesa-dri fonts-nanum

# make demo: ONCE=1 ends after the story, TLS=1 serves HTTPS, STAMPS and PORT as you like. MONTHS and CUSTOMERS
# size the simulated café of the owner: six months and 5,000 unless told, with ONCE=1 none.
ONCE ?=
TLS ?=
STAMPS ?= 60000
PORT ?= 8080
MONTHS ?=
CUSTOMERS ?= 5000
# make test: ARGS="-k detector" and the like go to pytest; WORKERS is the number of processes.
ARGS ?=
WORKERS ?= 2

.PHONY: help demo test lint format system images serve migration clean

help: ## Say what each command does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: system $(VENV)/.installed ## Start a server with 60,000 stamps and a café of six simulated months, press some (ONCE=1, TLS=1, STAMPS=n, PORT=n, MONTHS=n, CUSTOMERS=n)
	@$(BIN)/python -m server.demo --stamps $(STAMPS) --port $(PORT) --customers $(CUSTOMERS) \
		$(if $(MONTHS),--months $(MONTHS)) $(if $(ONCE),--once) $(if $(TLS),--tls)

test: system $(VENV)/.installed ## Run every test (ARGS="-k detector" picks some, ARGS="-m slow" the long proofs)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

lint: $(VENV)/.installed ## Check style, types and who imports whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.installed ## Put the code into its standard form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

images: system $(VENV)/.installed ## Take the screenshots of docs/images anew
	@STAMP_WRITE_IMAGES=1 $(BIN)/python -m pytest -n 0 -m "browser or kivy" -k "image or picture or screenshot"

serve: $(VENV)/.installed ## Serve the database of STAMP_DATABASE_URL (SQLite under var/ when unset)
	@$(BIN)/stamp-server migrate && $(BIN)/stamp-server serve --port $(PORT)

system: ## Install Chromium, software OpenGL and a Korean font where we may (Debian, Ubuntu)
	@missing=$$(for p in $(SYSTEM_PACKAGES); do \
		dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || echo -n "$$p "; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
		echo "make system: not Debian or Ubuntu; install by hand what you want tested: $$missing"; exit 0; fi; \
	if [ "$$(id -u)" = 0 ]; then run=""; \
	elif sudo -n true 2>/dev/null; then run="sudo -n"; \
	else echo "make system: neither root nor sudo; an administrator may run: apt-get install $$missing"; exit 0; fi; \
	echo "make system: installing $$missing"; \
	export DEBIAN_FRONTEND=noninteractive; \
	$$run apt-get update -qq && $$run apt-get install -y -qq --no-install-recommends $$missing >/dev/null

$(VENV)/.installed: pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or 3.12 was found. Install one, or name it: make PYTHON=/path/to/python3.12 …"; exit 1; fi
	@if [ ! -x $(BIN)/python ]; then echo "Making $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); fi
	@echo "Installing the packages of constraints.txt (some minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

clean: ## Remove .venv, var and caches
	rm -rf $(VENV) var build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

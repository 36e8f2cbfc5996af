# Two commands for a newcomer: `make demo` and `make test`. Each makes its own environment first.
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(SUPPORTED)' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEMO_READY := $(VENV)/demo-ready
define NEW_VENV
@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed and none was found; \
name one: make env PYTHON=/path/to/python3.12" >&2; exit 1; }
$(PYTHON) -m venv --clear $(VENV)
endef
DATA ?=
ELSEWHERE ?=

.PHONY: help env demo test lint browser lock clean answers

help:
	@echo "make demo                     run the whole chain on drawn portraits, then colorize a photo"
	@echo "make demo DATA=celebs.zip     the same on your photos (a folder or a zip)"
	@echo "     ... ELSEWHERE=portraits/ with your own five portraits 'from elsewhere'"
	@echo "make test                     lint, type-check and run the tests, as CI does"
	@echo "make browser                  have a Chromium for the tests of the web page"
	@echo "make answers                  write answers.pdf from answers/"
	@echo "make env                      install everything into .venv"

env: $(READY)

# Everything, as locked and with the hashes checked.
$(READY): requirements.lock pyproject.toml
	$(NEW_VENV)
	$(BIN)/python -m pip install --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	@touch $@

# The locked versions of what the demo runs. pip takes no hashes of a subset.
$(DEMO_READY): requirements.lock pyproject.toml
	$(NEW_VENV)
	sed -E '/^ +--hash/d; s/ +\\$$//' requirements.lock > $(VENV)/constraints.txt
	$(BIN)/python -m pip install -c $(VENV)/constraints.txt --editable '.[train,kaggle,export]'
	@touch $@

demo: $(if $(wildcard $(READY)),$(READY),$(DEMO_READY))
	$(BIN)/deepcolor run $(if $(DATA),--data "$(DATA)") $(if $(ELSEWHERE),--elsewhere "$(ELSEWHERE)")

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Without a browser, tests of the page are skipped, and say so. A machine for CI gets one.
# A file stays in one process: what its tests share is made once.
test: lint $(if $(CI),browser)
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# One that is there; or, where root may install Debian's packages, Debian's; or Playwright's own.
browser: env
	@command -v "$${CHROMIUM:-chromium}" || command -v google-chrome \
	|| { [ "$$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release && apt-get update --quiet \
	    && apt-get install --yes --quiet --no-install-recommends chromium; } \
	|| $(BIN)/playwright install chromium

answers: env
	$(BIN)/python -m answers.build

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	    --group dev --all-extras --upgrade pyproject.toml -o requirements.lock
	uv --no-config pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	    --no-header --extra app --group image --upgrade pyproject.toml -o requirements-app.lock

clean:
	rm -rf $(VENV) build

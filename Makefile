# Périmètre. Two commands matter: make run, make test.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test chromium postgis lint bench retrotest

run: $(VENV)/.runtime
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless true \
	  --browser.serverAddress localhost

# Two processes for what computes; one for the browser, which has its own and a server beside it.
test: $(VENV)/.dev lint
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal --ignore tests/browser
	$(BIN)/python -m pytest tests/browser

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy

# Browser tests need a system Chromium; this installs Debian's (asks for root).
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends \
	    chromium libgl1-mesa-dri fonts-dejavu-core fonts-liberation; }

# Tests of the shared store run a PostgreSQL of their own; this installs Debian's with PostGIS.
postgis:
	@ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends \
	    postgresql postgresql-15-postgis-3; }

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	touch $@

$(VENV)/.dev: requirements.txt requirements-postgis.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	touch $(VENV)/.runtime $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.dev
	$(BIN)/python -m pip install --quiet -r requirements-bench.txt
	touch $@

# Figures of this machine beside what one would otherwise do, into docs/performance.md; takes half
# an hour, not part of the tests. PARTS=ecran takes one part again.
bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(PARTS)

# Published figures of « where a PTCE could be born »; a test checks that they are those of the code.
retrotest: $(VENV)/.runtime
	$(BIN)/python -m territory naissance --retrotest --document docs/ptce.md

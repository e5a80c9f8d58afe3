# Everything a developer types. Each target sets up .venv by itself; all it needs is make and a Python 3.11 or newer
# with venv. Pass more to a tool with ARGS, for example: make test ARGS="-k claim", make bench ARGS=voc_ack.

.DEFAULT_GOAL := help
.PHONY: help setup demo test dates lowest lint bench chaos flood simulate orders walk fuzz mutants eval learn lock chromium
# What another environment has on its path is no part of this one. Nor that images for containers often keep Python from
# writing down what it compiled: each of hundreds of processes would compile all of Tandem anew.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

stamp := .venv/set-up
# What .venv holds: all that developing takes, or what running takes: make setup LOCK=requirements.lock, once.
LOCK := $(or $(shell cat .venv/lock 2>/dev/null),requirements-dev.lock)

help:
	@echo 'make demo    a Slack workspace in your browser, with Tandem in it (PORT, 8333 by default)'
	@echo 'make test    every test, on SQLite and PostgreSQL, and in a browser'
	@echo 'make dates   the tests that go by a clock, on a leap day, in a week 53, when clocks change, in three years'
	@echo 'make lowest  the quick tests with the oldest versions that pyproject.toml allows'
	@echo 'make lint    format, lint and types'
	@echo 'make bench   the measurements, against what they must reach'
	@echo 'make chaos   10,000 messages and 200 SIGKILLs on each engine, under a faulty Slack: about an hour'
	@echo 'make flood   10,000 leads through eight kinds of source on each engine, and 100 SIGKILLs (ARGS="--leads 1000")'
	@echo 'make simulate   histories under virtual time, each decided by a seed (ARGS="--seeds 0:2000", ARGS="--seed 17 --trace")'
	@echo 'make orders  10,000 random orders of what people do with a lead, at once, on each engine (ARGS="--orders 2000 --engine sqlite")'
	@echo 'make walk    working time against a walk by the minute: 100,000 random cases over 30 zones (ARGS="--seed 2")'
	@echo 'make fuzz    100,000 hostile requests with valid signatures (ARGS="--requests 5000 --seed 7 --engine postgresql")'
	@echo 'make mutants the product broken in one way after the other, and in how many simulated histories each is found'
	@echo 'make eval    how well lines are assigned to themes and duplicates are told, over a labelled set'
	@echo 'make learn   what those functions know by heart, learned anew from the labelled lines that are not held out'
	@echo 'make setup   only the environment in .venv (PYTHON chooses the interpreter; LOCK=requirements.lock: only to run)'
	@echo 'make lock    pin the dependencies of pyproject.toml anew (ARGS=--upgrade for the newest)'

setup: $(stamp)
	@:

demo: setup
	@.venv/bin/tandem demo $(ARGS)

# Two workers: the tests wait for commits and browsers more than they compute, and time limits are set for two cores.
# A file stays with one of them: some files tell one story, and a browser is started once for each. The longest files
# go first (tests/conftest.py), or one of them would run alone at the end.
test: setup chromium
	@.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

# What is date sensitive, under other dates than today's.
dates: setup
	@.venv/bin/python -m tests.dates $(ARGS)

# The quick tests with the oldest versions that pyproject.toml allows: its bounds must be true. Of each test the first
# case: the others say more of Tandem, and nothing more of a library.
lowest: setup
	@rm -rf .venv-lowest && "$$(.venv/bin/python -c 'import sys; print(sys._base_executable)')" -m venv .venv-lowest
	@.venv/bin/uv pip compile --quiet --resolution lowest-direct --no-emit-index-url --no-emit-find-links --no-header \
	  --no-annotate --extra dev pyproject.toml -o .venv-lowest/requirements.txt
	@.venv/bin/uv pip install --quiet --compile-bytecode --python .venv-lowest/bin/python -r .venv-lowest/requirements.txt
	@.venv/bin/uv pip install --quiet --python .venv-lowest/bin/python --no-deps --no-build-isolation -e .
	@.venv-lowest/bin/python -m pytest --quick --one-each -q -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup
	@red=0; \
	.venv/bin/ruff format --check . || red=1; \
	.venv/bin/ruff check . || red=1; \
	.venv/bin/mypy || red=1; \
	exit $$red

bench: setup
	@.venv/bin/python -m bench $(ARGS)

chaos: setup
	@.venv/bin/python -m tests.chaos $(ARGS)

flood: setup
	@.venv/bin/python -m tests.chaos.flood $(ARGS)

simulate: setup
	@.venv/bin/python -m tests.simulation $(ARGS)

orders: setup
	@.venv/bin/python -m tests.declines $(ARGS)

walk: setup
	@.venv/bin/python -m tests.domain.walking $(ARGS)

fuzz: setup
	@.venv/bin/python -m tests.hostile $(ARGS)

mutants: setup
	@.venv/bin/python -m tests.simulation.mutating $(ARGS)

eval: setup
	@.venv/bin/python -m tests.eval $(ARGS)

learn: setup
	@.venv/bin/python -m tests.eval.learn

# requirements.lock is what running takes, requirements-dev.lock the same and what developing takes besides.
compile := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
  --no-header --no-annotate --python-version 3.11 pyproject.toml

# Not after set-up: a lock that cannot be installed must not stand in the way of its own replacement.
lock: .venv/bin/uv
	@$(compile) --extra dev -o requirements-dev.lock $(ARGS)
	@$(compile) --constraints requirements-dev.lock -o requirements.lock

chromium: setup
	@.venv/bin/python -m tests.chromium

.venv/bin/uv:
	@$(MAKE) --no-print-directory setup

# The stamp holds the folder it was made in: in a folder that was moved, the scripts of .venv point to nowhere.
ifneq ($(shell test "$$(cat $(stamp) 2>/dev/null)" = "$$(pwd -P)" && \
  test "$$(cat .venv/lock 2>/dev/null || echo requirements-dev.lock)" = "$(LOCK)" && echo here),here)
.PHONY: $(stamp)
endif

$(stamp): $(LOCK) pyproject.toml
	@set -e; \
	if test -e $(stamp) && test "$$(cat $(stamp))" != "$$(pwd -P)"; then moved=yes; else moved=; fi; \
	if test -n "$$moved" || ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  if test -n "$$PYTHON"; then set -- "$$PYTHON"; \
	  else set -- python3 python3.11 python3.12 python3.13 python3.14 python; fi; \
	  found=; bare=; \
	  for each in "$$@"; do \
	    "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	    if "$$each" -c 'import ensurepip, venv' >/dev/null 2>&1; then found=$$each; break; fi; \
	    bare=$${bare:-$$each}; \
	  done; \
	  if test -z "$$found" && test -n "$$bare"; then \
	    echo "Tandem: $$bare has no venv. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	  elif test -z "$$found"; then \
	    echo "Tandem needs Python 3.11 or newer; none found as: $$*. Name one: make setup PYTHON=/path/to/python3" >&2; exit 1; \
	  fi; \
	  echo "Setting up .venv with $$("$$found" --version), once (about a minute) ..."; \
	  "$$found" -m venv --clear .venv; \
	else \
	  echo "Bringing .venv up to date with $(LOCK) ..."; \
	fi; \
	rm -f $(stamp); \
	.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r $(LOCK); \
	if test "$(LOCK)" = requirements-dev.lock; then \
	  .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .; \
	fi; \
	echo $(LOCK) > .venv/lock; \
	pwd -P > $(stamp)

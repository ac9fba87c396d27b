# Everything there is to run. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup run test check bench train i18n
help: ## what each target does
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(STAMP): requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

setup: $(STAMP) ## make .venv and install what is needed

run: setup ## migrate, load demo data into an empty database, serve on http://127.0.0.1:5000
	$(BIN)/python run.py serve --demo

test: setup ## every test, on SQLite and PostgreSQL, and in Chromium where there is one
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: setup ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup ## speed as ratios within one run
	$(BIN)/python -m bench

train: setup ## train the learned readers again from compliance/corpus
	$(BIN)/python run.py train

i18n: setup ## collect texts and compile the translations
	cd web && ../$(BIN)/pybabel -q extract -F babel.cfg -k _l --no-location --sort-output -o translations/messages.pot . \
	  && ../$(BIN)/pybabel -q update -i translations/messages.pot -d translations --no-fuzzy-matching \
	     --no-wrap --ignore-obsolete --ignore-pot-creation-date \
	  && ../$(BIN)/pybabel -q compile -d translations

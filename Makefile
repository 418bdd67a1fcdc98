# Everything a person types here. `make demo` and `make test` install what they need.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test check format prove bench lock pictures clean env programs
VENV := .venv/bin

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo:  ## a site with simulated people on http://localhost:8000
	@bash tools/setup.sh demo
	@exec $(VENV)/accord demo $(ARGS)

test: env programs  ## every check and every test, on SQLite, PostgreSQL and in a browser
	@$(VENV)/python tools/run_tests.py

check: env  ## format, lint, types, imports between rooms, lock files, commit messages
	@$(VENV)/python tools/checks.py

format: env  ## put the code in the shape that `make check` asks for
	@$(VENV)/ruff format && $(VENV)/ruff check --fix

prove: env programs  ## the longer proofs: more generated cases, the built wheel
	@$(VENV)/python tools/run_tests.py --prove

bench: env  ## time and memory of a scan of 1,000,000 sessions and of models, beside other programs
	@$(VENV)/python -m bench.scan $(ARGS)
	@$(VENV)/python -m bench.models

lock: env  ## resolve the dependencies of pyproject.toml anew
	@$(VENV)/python tools/lock.py

pictures: env programs  ## take the pictures of the README anew, from the demonstration
	-@$(VENV)/python -m pytest -q tests/functional/test_pages.py -k pictures_of_the_readme
	@mkdir -p docs/pictures
	@cp test-results/pictures/worklist.png test-results/pictures/client.png docs/pictures/

clean:  ## remove everything that these commands made, also the demo's data
	rm -rf .venv build dist test-results bench-results accord-demo
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests tools bench -name __pycache__ -prune -exec rm -rf {} +

env:  # the developer's environment
	@bash tools/setup.sh dev

programs:  # a browser and a database server
	@bash tools/programs.sh

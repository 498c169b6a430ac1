PYTHON ?= python3
BIN := .venv/bin

# What needs no broker, database, browser, kernel, pages or processes: style, imports, types, structure, units.
UNITS := not (broker or database or browser or notebook or pages or processes or long)
LONG ?= tests

# Hundreds of processes of a run import the package: each would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: lab setup check test test-long kills bench docs lock clean

lab: setup
	$(BIN)/eventlab lab

setup:
	@$(PYTHON) bootstrap.py

# Some wait a little: three have work for two cores.
check: setup
	$(BIN)/pytest -n 3 --dist worksteal -m "$(UNITS)" --hypothesis-profile "first answer"

# Its tests wait for others as often as they compute: four have work for two cores.
test: setup
	$(BIN)/pytest -n 4 --dist loadgroup

# One chapter: make test-long LONG=tests/course/test_ch01.py
test-long: setup
	$(BIN)/pytest -n 2 --dist loadgroup -m long $(LONG)

# Ten minutes; KILLS="--seed 2 --minutes 1" for other ones.
kills: setup
	$(BIN)/python -m tests.kills $(KILLS)

bench: setup
	$(BIN)/python -m benchmarks

# The pages are then in site/index.html.
docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

lock: setup
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header \
		--all-extras --python-version 3.11 pyproject.toml -o requirements.txt

clean:
	rm -rf .venv .vnew .vold artifacts site .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis

PYTHON ?= python3
BIN := .venv/bin

.PHONY: lab setup test bench lock clean

lab: setup
	$(BIN)/eventlab lab

setup:
	@$(PYTHON) bootstrap.py

test: setup
	$(BIN)/pytest -n 2 --dist loadgroup

bench: setup
	$(BIN)/python -m benchmarks

lock: setup
	$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header \
		--all-extras --python-version 3.11 pyproject.toml -o requirements.txt

clean:
	rm -rf .venv artifacts .pytest_cache .ruff_cache .import_linter_cache .hypothesis

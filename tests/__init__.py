from pathlib import Path

import pytest

# What several test modules assert by says what it found, as an assertion in a test does.
_MODULES = (f"tests.{path.stem}" for path in Path(__file__).parent.glob("[a-z]*"))
pytest.register_assert_rewrite(*_MODULES)

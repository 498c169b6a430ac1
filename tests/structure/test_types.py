import subprocess
import sys

from tests.structure.files import ROOT


def test_the_types_are_as_mypy_wants_them():
    """Strictly, as pyproject.toml asks for."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr

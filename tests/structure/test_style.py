import subprocess
import sys

import pytest

from tests.structure.files import ROOT


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]])
def test_the_code_is_as_ruff_wants_it(command):
    """Style is the machine's business, and no reviewer's."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr

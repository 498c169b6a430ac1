import subprocess
import sys

from tests.structure.files import ROOT


def test_imports_point_one_way():
    """A room knows only the rooms below it, as .importlinter draws the house."""
    # In a process of its own: it sets up logging anew, and turns off all that is there.
    code = "from importlinter.cli import lint_imports; exit(lint_imports(no_cache=True))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout

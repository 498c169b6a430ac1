import subprocess
import sys

PROGRAM = """
import sys
def main():
    print(__name__, [name for name in sys.modules if name == "two_names"])
"""


def test_a_module_is_run_under_its_own_name(tmp_path, monkeypatch):
    """So that its types exist once, and what is pickled of them can be read by others."""
    (tmp_path / "two_names.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "eventlab.processes.entry", "two_names"],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == "two_names ['two_names']\n"

import subprocess
import sys

from eventlab.processes.locking import locked

TRY = "import sys; from pathlib import Path; from eventlab.processes.locking import locked;"


def elsewhere(path) -> str:
    code = TRY + "print(locked(Path(sys.argv[1])) is not None)"
    command = [sys.executable, "-c", code, str(path)]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout.strip()


def test_one_process_has_it_until_it_closes_it(tmp_path):
    """Nobody else gets it meanwhile, in this process or another."""
    file = locked(tmp_path / "lock")
    assert file is not None
    assert locked(tmp_path / "lock") is None
    assert elsewhere(tmp_path / "lock") == "False"
    file.close()
    assert elsewhere(tmp_path / "lock") == "True"
    again = locked(tmp_path / "lock")
    assert again is not None
    again.close()

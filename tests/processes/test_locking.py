import subprocess
import sys

from eventlab.processes.locking import is_locked, locked

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


def test_whether_it_is_held_is_seen_without_holding_it(tmp_path):
    """What is not there is held by nobody."""
    path = tmp_path / "lock"
    assert not is_locked(path)
    assert not path.exists()
    file = locked(path)
    assert is_locked(path)
    file.close()
    assert not is_locked(path)
    locked(path).close()

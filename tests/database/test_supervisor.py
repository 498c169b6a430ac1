"""What the supervisor of PostgreSQL holds, and what it leaves."""

import ctypes
import errno
import sys
from pathlib import Path

import pytest

from eventlab.database.identity import Identity
from eventlab.database.plan import ServerPlan
from eventlab.database.supervisor import discard_data, servers_of


def _plan(folder: Path, data: Path) -> ServerPlan:
    return ServerPlan(str(folder), "postgres", str(data), "template", Identity(), {}, "x", 2.0)


def test_it_holds_one_server(tmp_path):
    """Its users ask for no number: there is one."""
    servers = servers_of(_plan(tmp_path, tmp_path / "data"))
    assert [server.report.state for server in servers] == ["stopped"]


def test_in_a_home_the_data_stay(tmp_path):
    """The next start has nothing to copy."""
    data = tmp_path / "data"
    data.joinpath("base").mkdir(parents=True)
    discard_data(_plan(tmp_path, data))
    assert data.joinpath("base").exists()


def test_a_place_of_its_own_goes_with_the_data_unless_something_else_is_there(tmp_path):
    """What the server could not read, and was moved aside, is never deleted."""
    for name, others in {"empty": [], "kept": ["data-set-aside"]}.items():
        place = tmp_path / name
        for folder in ["data", *others]:
            (place / folder).mkdir(parents=True)
        for _ in range(2):
            discard_data(_plan(tmp_path / "home", place / "data"))
    assert [path.relative_to(tmp_path).parts for path in tmp_path.rglob("*")] == [
        ("kept",),
        ("kept", "data-set-aside"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has none")
def test_the_memory_of_a_killed_server_is_released(tmp_path):
    """A server whose data go has no next one that would do so."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = libc.shmget(0, 56, 0o1600)
    assert number >= 0
    data = tmp_path / "place" / "data"
    for text in ("", "1\n2\n3\n4\n5\n6\nnonsense\n", f"1\n2\n3\n4\n5\n6\n7 {number}\nready\n"):
        data.mkdir(parents=True)
        data.joinpath("postmaster.pid").write_text(text, encoding="utf-8")
        discard_data(_plan(tmp_path / "home", data))
        assert not data.exists()
    assert libc.shmctl(number, 0, None) == -1
    assert ctypes.get_errno() == errno.EINVAL

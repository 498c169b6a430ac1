"""Which servers there are, and what they say of themselves."""

import subprocess
import sys

import pytest

from eventlab.errors import StorageError
from eventlab.sql.server.members import Members, Work, addresses, urls_of
from tests.waiting import until

_JOIN = """
import sys
from pathlib import Path
from eventlab.sql.server.members import Members
member = Members(Path(sys.argv[1]), "127.0.0.1:3")
member.join()
print("there", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def join(tmp_path):
    """What lets a server be one of them; all leave."""
    found = []

    def joined(port):
        found.append(Members(tmp_path / "servers", f"127.0.0.1:{port}"))
        found[-1].join()
        return found[-1]

    yield joined
    for one in found:
        one.leave()


def test_each_is_there_until_it_leaves(join):
    """And all see the same, in the same order."""
    one = join(20)
    other = join(7)
    assert one.there() == other.there() == ["127.0.0.1:20", "127.0.0.1:7"]
    other.leave()
    other.leave()
    assert one.there() == ["127.0.0.1:20"]
    assert join(7).there() == ["127.0.0.1:20", "127.0.0.1:7"]


def test_what_one_says_the_others_read(join):
    """Of one that has said nothing yet nothing is known."""
    work = Work("CTAS_T_5", 2, "failed", "It ended.", [("orders", 2, 17)])
    one = join(20)
    other = join(7)
    one.say([work])
    assert other.work_of("127.0.0.1:20") == [work]
    assert one.work_of("127.0.0.1:7") == []


def test_one_that_is_killed_is_there_no_more(join, tmp_path):
    """At once; and the next one to come clears away what it has left."""
    one = join(20)
    command = [sys.executable, "-c", _JOIN, str(tmp_path / "servers")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdout.readline() == b"there\n"
        assert one.there() == ["127.0.0.1:20", "127.0.0.1:3"]
        program.kill()
    until(lambda: one.there() == ["127.0.0.1:20"])
    assert (tmp_path / "servers" / "3").exists()
    join(7)
    assert not (tmp_path / "servers" / "3").exists()


def test_where_they_are_asked_is_found_by_their_id(monkeypatch, tmp_path):
    """Nobody is there where nobody was."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    assert urls_of("one") == []
    assert addresses(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path):
    """With what to do."""
    (tmp_path / "servers").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match="EVENTLAB_HOME"):
        Members(tmp_path / "servers", "127.0.0.1:1").join()

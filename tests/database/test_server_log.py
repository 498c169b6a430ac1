"""What PostgreSQL's own words mean."""

import pytest

from eventlab.database import server_log

READY = "LOG:  database system is ready to accept connections\n"
TAKEN = (
    'LOG:  could not bind IPv4 address "127.0.0.1": Address already in use\n'
    "FATAL:  could not create any TCP/IP sockets\n"
)
HELD = "FATAL:  pre-existing shared memory block (key 4, ID 5) is still in use\nHINT:  Terminate.\n"
BROKEN = 'FATAL:  could not open file "/d/global/pg_control": No such file or directory\n'
FORBIDDEN = 'FATAL:  could not open file "/d/global/pg_control": Permission denied\n'


def test_it_is_ready_when_it_says_so():
    """Nothing else counts as a start."""
    assert server_log.is_ready(READY)
    assert not server_log.is_ready("LOG:  starting PostgreSQL 18.6\n")


def test_why_it_did_not_start_is_known_apart():
    """A port that is taken, memory that is still held, and damaged data are three things."""
    kinds = [server_log.port_is_taken, server_log.is_still_held, server_log.blames_data]
    found = {log: [kind(log) for kind in kinds] for log in (TAKEN, HELD, BROKEN)}
    assert found == {
        TAKEN: [True, False, False],
        HELD: [False, True, False],
        BROKEN: [False, False, True],
    }


def test_what_may_not_be_read_is_no_damage():
    """Data are not moved aside because of a mode."""
    assert not server_log.blames_data(FORBIDDEN)


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (TAKEN, "could not create any TCP/IP sockets"),
        ("LOG:  one\nLOG:  two\n", "LOG:  two"),
        ("", "it said nothing"),
        ("PANIC:  " + "x" * 900, "x" * 300),
    ],
)
def test_its_reason_is_the_first_grave_line(log, reason):
    """Else its last words, else that there are none; never a page."""
    assert server_log.failure_reason(log) == reason

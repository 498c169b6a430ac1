"""PostgreSQL's settings, as its command line has them."""

from pathlib import Path

from eventlab.database.configuration import INITDB_OPTIONS, command


def test_it_listens_on_loopback_alone():
    """No other machine reaches the server, and no socket file stands in a shared folder."""
    words = command("postgres", Path("data"), 5555)
    assert words[:5] == ["postgres", "-D", "data", "-p", "5555"]
    assert "listen_addresses=127.0.0.1" in words
    assert "unix_socket_directories=" in words


def test_changes_can_be_captured():
    """The server writes what logical decoding needs."""
    assert "wal_level=logical" in command("postgres", Path("data"), 5555)


def test_nobody_is_trusted_without_a_password():
    """Trust would let any user of this machine run programs as the server's."""
    assert "--auth=scram-sha-256" in INITDB_OPTIONS

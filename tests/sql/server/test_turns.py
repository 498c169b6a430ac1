"""Whose turn it is."""

import pytest

from eventlab.errors import ServiceError
from eventlab.processes.locking import locked
from eventlab.sql.server import turns
from eventlab.sql.server.turns import turn, turn_if_free


def test_one_has_it_and_the_other_waits(tmp_path):
    """And does something meanwhile, which may be what the first one waits for."""
    held = locked(tmp_path / "lock")
    looked = []

    def look():
        looked.append(1)
        if len(looked) == 3:
            held.close()

    with turn(tmp_path / "lock", look):
        assert len(looked) == 3
        with turn_if_free(tmp_path / "lock") as is_free:
            assert not is_free
    with turn_if_free(tmp_path / "lock") as is_free:
        assert is_free
        assert locked(tmp_path / "lock") is None


def test_one_that_does_not_end_is_said(tmp_path, monkeypatch):
    """In place of waiting for ever."""
    monkeypatch.setattr(turns, "_PATIENCE_SECONDS", 0.0)
    with (
        locked(tmp_path / "lock"),
        pytest.raises(ServiceError, match="in the middle of a statement"),
        turn(tmp_path / "lock", list),
    ):
        pass

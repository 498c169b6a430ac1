import psycopg
import pytest

from eventlab.errors import StorageError, UsageError
from eventlab.views.stores import Mark
from tests.views.counts import put, rows_of

FIRST = Mark({"orders": {0: 1}}, {"orders": "id"}, 7)
SECOND = Mark({"orders": {0: 2}}, {"orders": "id"}, 8)


@pytest.fixture(params=["sqlite", "duckdb", pytest.param("postgres", marks=pytest.mark.database)])
def kind(request) -> str:
    """Return the name of each kind of store that is a database."""
    return request.param


@pytest.fixture
def generation(opened, store):
    """Return a generation that is shown, with one row and its mark."""
    generation = opened.fresh(store)
    write(generation, "a", FIRST)
    opened.show(generation)
    yield generation
    generation.close()


def write(generation, key, mark) -> None:
    """Write a row, and how far it is."""
    with generation.transaction() as writer:
        put(writer, key, 1)
        generation.keep(mark)


def commit_and_fail(generation) -> None:
    """Write a row, commit it without its position, and write another one in vain."""
    with generation.transaction() as writer:
        put(writer, "b", 1)
        writer.execute("commit")
        writer.execute("begin")
        put(writer, "c", 1)
        raise ZeroDivisionError


def test_what_was_rolled_back_leaves_no_trace(generation, opened, store):
    """Neither in the rows nor in the mark, and the next one goes on from there."""

    def fail():
        with generation.transaction() as writer:
            put(writer, "b", 1)
            generation.keep(SECOND)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (generation.mark, generation.is_spoilt) == (FIRST, False)
    write(generation, "b", SECOND)
    assert rows_of(opened) == {"a": 1, "b": 1}
    generation.close()
    again = opened.kept(store)
    assert (again.mark, again.is_spoilt) == (SECOND, False)
    again.close()


def test_rows_that_were_committed_without_their_position_spoil_it(
    generation,
    opened,
    store,
):
    """Whatever the function does afterwards, and whoever opens it then."""
    with pytest.raises(ZeroDivisionError):
        commit_and_fail(generation)
    assert generation.is_spoilt
    generation.close()
    again = opened.kept(store)
    assert again.is_spoilt
    again.close()


def test_who_did_not_write_the_position_writes_no_further(generation, opened, store):
    """A lock can get lost; rows and positions of two writers never mix."""
    other = opened.kept(store)
    write(other, "b", SECOND)
    with pytest.raises(StorageError, match="is written by somebody else"):
        write(generation, "b", SECOND)
    assert rows_of(opened) == {"a": 1, "b": 1}
    assert not generation.is_spoilt
    other.close()


def test_rows_that_have_lost_their_position_are_one_error(generation, opened, store):
    """Else their events would be applied again."""
    with generation.transaction() as writer:
        if isinstance(writer, psycopg.Cursor) or "sqlite" in type(writer).__module__:
            writer.execute("delete from eventlab_position")
        else:
            text = '{"identities": {"orders": "id"}}'
            generation._put = lambda mark, newest: None
            writer.execute("update eventlab_view set mark = ?", [text])
    generation.close()
    with pytest.raises(StorageError, match=r"have lost their position.*keep=False"):
        opened.kept(store)


def test_another_that_is_being_built_stays(generation, opened, store):
    """Until it is closed."""
    one = opened.fresh(store)
    other = opened.fresh(store)
    write(one, "b", FIRST)
    write(other, "c", FIRST)
    opened.show(one)
    assert rows_of(opened) == {"b": 1}
    one.close()
    other.close()


def test_a_function_that_ends_its_transaction_is_told_so(generation):
    """Its rows have no position."""

    def commit():
        with generation.transaction() as writer:
            put(writer, "b", 1)
            writer.execute("commit")

    with pytest.raises(UsageError, match=r"ended the transaction itself.*next start"):
        commit()
    assert generation.is_spoilt

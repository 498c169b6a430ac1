import pytest

from eventlab.errors import UsageError
from eventlab.views import Memory, Rows
from tests.views.counts import SQL


class Plain(Rows):
    """Rows without a view."""

    def __init__(self, store, folder):
        self._opened = store.open(folder)
        self._opened.begin()
        generation = self._opened.fresh(store)
        self._opened.show(generation)
        generation.close()
        self._opened.end()

    @property
    def _reader(self):
        return self._opened.reader


def test_sql_is_a_data_frame(tmp_path):
    """With the columns' names, also where no row is."""
    rows = Plain(SQL, tmp_path)
    assert list(rows.sql("select key, n as number from counts")) == ["key", "number"]
    assert rows.sql("select ? as x", [7]).to_dict("records") == [{"x": 7}]


def test_nobody_writes_through_it(tmp_path):
    """Whoever reads a view does not change it."""
    with pytest.raises(UsageError, match=r"a statement that reads.* readonly"):
        Plain(SQL, tmp_path).sql("delete from counts")


@pytest.mark.parametrize("parameters", [[], [1, 2], [10**30], [{}], ["\ud800"]])
def test_what_sqlite_does_not_take_is_one_error(tmp_path, parameters):
    """A slip in the query, or in what goes into it."""
    with pytest.raises(UsageError, match="does not answer this query"):
        Plain(SQL, tmp_path).sql("select * from counts where n = ?", parameters)


def test_a_dict_has_no_sql(tmp_path):
    """The remedy is its own way."""
    with pytest.raises(UsageError, match="has no SQL"):
        Plain(Memory(), tmp_path).sql("select 1")


def test_a_question_is_a_function(tmp_path):
    """Its answer comes back, and the rows of a cursor do."""
    rows = Plain(SQL, tmp_path)
    assert rows.read(lambda connection: connection.execute("select 1, 2")) == [(1, 2)]
    with pytest.raises(UsageError, match="question"):
        rows.read("select 1")

import pytest

from eventlab.errors import ServiceError, SqlError, UsageError
from eventlab.sql.remembered import Remembered


def test_what_began_a_query_is_known_in_the_next_run(tmp_path):
    """The same statement goes on, another one is refused, and a further one is new."""
    first = Remembered(tmp_path / "state")
    with first.known(1, "CREATE TABLE a AS SELECT 1"):
        pass
    first.close()
    again = Remembered(tmp_path / "state")
    with again.known(1, "CREATE TABLE a AS SELECT 1"):
        pass
    with again.known(2, "CREATE TABLE b AS SELECT 1"):
        pass
    again.close()
    last = Remembered(tmp_path / "state")
    for number, text in [(1, "CREATE TABLE b AS SELECT 1"), (2, "CREATE TABLE a AS SELECT 1")]:
        refused = pytest.raises(UsageError, match=f"Query {number} of .*another one")
        with refused, last.known(number, text):
            pytest.fail("it was let in")
    last.close()


def test_what_failed_is_not_known(tmp_path):
    """It may be mended, and run again under the same number."""
    one = Remembered(tmp_path)
    with pytest.raises(SqlError), one.known(1, "CREATE TABLE a AS SELECT nothing"):
        raise SqlError("no", expected="a", found="b", remedy="c")
    with one.known(1, "CREATE TABLE a AS SELECT 1"):
        pass
    one.close()
    again = Remembered(tmp_path)
    with again.known(1, "CREATE TABLE a AS SELECT 1"):
        pass
    again.close()


def test_a_folder_is_one_processs(tmp_path):
    """Until it is closed."""
    one = Remembered(tmp_path)
    with pytest.raises(ServiceError, match="in use"):
        Remembered(tmp_path)
    one.close()
    Remembered(tmp_path).close()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '["a"'])
def test_a_file_that_is_damaged_is_one_error(tmp_path, content):
    """And the folder is free again."""
    (tmp_path / "statements.json").write_text(content, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(UsageError, match="cannot be read"):
            Remembered(tmp_path)


def test_what_has_ended_is_known_in_the_next_run(tmp_path):
    """Noted once; the others go on."""
    one = Remembered(tmp_path)
    for number in (1, 2):
        with one.known(number, f"CREATE TABLE t{number} AS SELECT 1") as has_ended:
            assert not has_ended
    one.end(1)
    one.end(1)
    one.close()
    again = Remembered(tmp_path)
    found = []
    for number in (1, 2):
        with again.known(number, f"CREATE TABLE t{number} AS SELECT 1") as has_ended:
            found.append(has_ended)
    again.close()
    assert found == [True, False]

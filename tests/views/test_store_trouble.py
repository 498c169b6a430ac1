from pathlib import Path

from eventlab.views.store_trouble import damaged, not_built, of_another_version, written_by_another


def test_a_second_writer_is_told_whose_rows_they_are():
    """And that reading is free."""
    error = written_by_another("sold", "its lock")
    assert "sold is written by somebody else" in str(error)
    assert error.found == "its lock, or another view of that name"
    assert error.remedy.endswith("Anybody may read it.")


def test_rows_that_cannot_be_used_come_from_the_log_again():
    """Those of a damaged file, and those of another version."""
    for error in (damaged(Path("rows-1.db"), "SQLite", "x"), of_another_version("It is", 1, 2)):
        assert error.remedy.startswith("Build the view anew, with keep=False")


def test_a_view_without_rows_says_how_to_begin():
    """And where they were looked for."""
    error = not_built("sold", "the database")
    assert (error.expected, error.found) == ("its rows in the database", "nothing")

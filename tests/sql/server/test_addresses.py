import pytest

from eventlab.errors import UsageError
from eventlab.sql.server.addresses import folder_of, keep_url, log_file, url_of


def test_each_id_has_a_folder_a_log_and_an_address(tmp_path, monkeypatch):
    """The log stands beside the folder, in which there is nothing but what belongs to queries."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    assert url_of("one") is None
    folder_of("one").mkdir(parents=True)
    keep_url("one", "http://127.0.0.1:1")
    assert url_of("one") == "http://127.0.0.1:1"
    assert log_file("one").parent == folder_of("one").parent


def test_an_id_leads_to_no_other_folder():
    """It is a plain name."""
    with pytest.raises(UsageError, match="folder"):
        folder_of("../one")

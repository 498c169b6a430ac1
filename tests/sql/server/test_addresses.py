import pytest

from eventlab.errors import UsageError
from eventlab.sql.server.addresses import folder_of, log_file, servers_in


def test_each_id_has_a_folder_and_a_log(tmp_path, monkeypatch):
    """The log stands beside the folder, in which there is nothing but what belongs to queries."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    assert log_file("one").parent == folder_of("one").parent
    assert servers_in(folder_of("one")).parent == folder_of("one")


def test_an_id_leads_to_no_other_folder():
    """It is a plain name."""
    with pytest.raises(UsageError, match="folder"):
        folder_of("../one")

"""The file with a node's settings."""

from eventlab.broker import configuration
from eventlab.broker.plan import node_folder
from eventlab.broker.properties import properties_file, properties_files, write_properties


def test_it_holds_the_settings_of_its_node(tmp_path):
    """Written over in one step, with nothing left beside it."""
    for number, of in ((1, 1), (2, 3)):
        path = write_properties(tmp_path, number, of)
        assert path == properties_file(tmp_path)
        assert path.read_text(encoding="utf-8") == configuration.server_properties(number, of)
    assert [one.name for one in tmp_path.iterdir()] == ["server.properties"]


def test_those_of_all_nodes_are_found(tmp_path):
    """By the folder of the broker alone."""
    node_folder(tmp_path, 2).mkdir()
    assert properties_files(tmp_path) == [
        tmp_path / "server.properties",
        node_folder(tmp_path, 2) / "server.properties",
    ]

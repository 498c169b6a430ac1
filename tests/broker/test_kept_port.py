"""The port of the last time, whatever has become of its file."""

import pytest

from eventlab.broker.kept_port import kept_port


@pytest.mark.parametrize(
    ("text", "port"),
    [("2222", 2222), ("65535\n", 65535), ("0", 0), ("65536", 0), ("-1", 0), ("", 0), ("2222 1", 0)],
)
def test_what_is_no_port_is_any_free_one(tmp_path, text, port):
    """A damaged file is no reason to fail, and neither is a file of a release with other ports."""
    file = tmp_path / "port"
    file.write_text(text, encoding="ascii")
    assert kept_port(file) == port


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_says_nothing_is_none(tmp_path, content):
    """It is not there, or no text."""
    file = tmp_path / "port"
    if content is not None:
        file.write_bytes(content)
    assert kept_port(file) == 0

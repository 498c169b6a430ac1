import hashlib

import pytest

from eventlab.errors import SetupError
from eventlab.events.datasets import FOLDER, read_dataset


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data.txt").write_bytes(b"as it was")
    checksum = hashlib.sha256(b"as it was").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{checksum}  data.txt\n", encoding="utf-8")
    return tmp_path


def test_what_keeps_its_checksum_is_read(folder):
    """The bytes come as they are."""
    assert read_dataset("data.txt", folder) == b"as it was"


def test_what_was_changed_is_refused(folder):
    """One changed byte is one clear error with the way back."""
    (folder / "data.txt").write_bytes(b"as it Was")
    with pytest.raises(SetupError, match=r"data\.txt.*expected checksum.*git checkout"):
        read_dataset("data.txt", folder)


@pytest.mark.parametrize("missing", ["data.txt", "SHA256SUMS"])
def test_what_is_missing_is_one_clear_error(folder, missing):
    """Without the file, or the checksums, the error names it and how eventlab is installed."""
    (folder / missing).unlink()
    with pytest.raises(SetupError, match=rf"{missing}.*from a clone"):
        read_dataset("data.txt", folder)


def test_a_file_without_a_checksum_is_refused(folder):
    """What is not in the list is not ours."""
    (folder / "other.txt").write_bytes(b"as it was")
    with pytest.raises(SetupError, match="other"):
        read_dataset("other.txt", folder)


def test_no_name_leads_out_of_the_folder(folder):
    """Only what the list names is read at all."""
    (folder.parent / "elsewhere").write_bytes(b"secret")
    with pytest.raises(SetupError, match="no such data set"):
        read_dataset("../elsewhere", folder)


def test_every_data_file_has_a_checksum():
    """No data are added without one."""
    files = {path.name for path in FOLDER.iterdir() if path.suffix == ".gz"}
    assert files
    assert all(read_dataset(name) for name in files)

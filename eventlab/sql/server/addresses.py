"""Where a server of some id has its things, and where it is asked."""

from contextlib import suppress
from pathlib import Path

from eventlab.folders import data_folder, named_folder

PORT = 8088
SERVICE_ID = "default_"
LOOPBACK = "127.0.0.1"


def folder_of(service_id: str) -> Path:
    """Return the folder of what its queries know. Raises UsageError."""
    return named_folder(data_folder() / "sql", service_id)


def log_file(service_id: str) -> Path:
    """Return the file that a server's process writes what goes wrong to."""
    return folder_of(service_id).with_name(f"{service_id}.log")


def keep_url(service_id: str, url: str) -> None:
    """Write down where the server is asked."""
    (folder_of(service_id) / "url").write_text(url, encoding="utf-8")


def url_of(service_id: str) -> str | None:
    """Return where the last server of this id was asked, None if there was none."""
    with suppress(OSError):
        return (folder_of(service_id) / "url").read_text(encoding="utf-8")
    return None

"""Where the servers of some id have their things, and the port at which one is asked."""

from pathlib import Path

from eventlab.folders import data_folder, named_folder

PORT = 8088
SERVICE_ID = "default_"
LOOPBACK = "127.0.0.1"
_SERVERS = "servers"


def folder_of(service_id: str) -> Path:
    """Return the folder of what its queries know. Raises UsageError."""
    return named_folder(data_folder() / "sql", service_id)


def servers_in(folder: Path) -> Path:
    """Return the folder in which each server of an id has a file."""
    return folder / _SERVERS


def log_file(service_id: str) -> Path:
    """Return the file that a server's process writes what goes wrong to."""
    return folder_of(service_id).with_name(f"{service_id}.log")

"""The file with a node's settings, in the folder in which it runs."""

import os
import uuid
from pathlib import Path

from eventlab.broker import configuration
from eventlab.broker.plan import node_folders


def properties_file(folder: Path) -> Path:
    """Return the server.properties of the node that runs in `folder`."""
    return folder / "server.properties"


def properties_files(folder: Path) -> list[Path]:
    """Return the server.properties of all nodes of the broker of `folder`."""
    return [properties_file(one) for one in node_folders(folder)]


def write_properties(folder: Path, number: int = 1, of: int = 1) -> Path:
    """Write the server.properties for the node that runs in `folder` and return its path."""
    path = properties_file(folder)
    arriving = path.with_suffix(f".{uuid.uuid4().hex}")  # several threads may do this at once
    arriving.write_text(configuration.server_properties(number, of), encoding="utf-8")
    os.replace(arriving, path)  # a broker may be reading the file of the last time
    return path

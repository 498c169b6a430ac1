"""The port on which a server listened the last time, kept in a file beside its data.

Standard library only: the supervisor needs it.
"""

from pathlib import Path


def kept_port(file: Path) -> int:
    """Return the port of the last time, 0 (any free one) where none is known."""
    try:
        port = int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 2**16 else 0

"""What PostgreSQL says of its start, and of why there was none.

Standard library only: the supervisor needs it.
"""

import re

_READY = "database system is ready to accept connections"
_PORT_TAKEN = ("could not create any TCP/IP sockets", "could not bind IPv4 address")
# Those that a killed server has left behind hold its memory for a moment, or its name does.
_STILL_HELD = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
_GRAVE = re.compile(r"(?:FATAL|PANIC|ERROR): +(?P<words>.+)")
# A server that cannot use its data says so in these; all else is no reason to move them aside.
_DATA = re.compile(
    r"could not locate a valid checkpoint record|invalid checkpoint|database files are incompatible"
    r"|is not a valid data directory|incorrect checksum|invalid page|could not (open|read|access) "
    r"(file|directory|control file)|could not find the database system|\"PG_VERSION\" is missing"
)
_FORBIDDEN = re.compile(r"Permission denied|No space left|Read-only file system")
_REASON_LETTERS = 300


def is_ready(log: str) -> bool:
    """Tell whether the server takes connections."""
    return _READY in log


def port_is_taken(log: str) -> bool:
    """Tell whether the server did not start because another program has its port."""
    return any(words in log for words in _PORT_TAKEN)


def is_still_held(log: str) -> bool:
    """Tell whether what is left of the server before it is in the way, for a moment."""
    return any(words in log for words in _STILL_HELD)


def blames_data(log: str) -> bool:
    """Tell whether the server did not start because of its data."""
    return _DATA.search(log) is not None and _FORBIDDEN.search(log) is None


def failure_reason(log: str) -> str:
    """Return why the server ended, in its own words: the first grave ones."""
    found = _GRAVE.search(log)
    lines = log.strip().splitlines()
    reason = found["words"] if found else (lines[-1] if lines else "it said nothing")
    return reason.strip()[:_REASON_LETTERS]

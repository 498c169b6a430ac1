"""How much memory is free for another process: of the machine, and of the container we are in."""

from collections.abc import Iterator
from pathlib import Path

import psutil

_CONTROL_GROUPS = Path("/sys/fs/cgroup")

# The files of a container's limit, its use, and the line with what of that could be given back:
# in the second version of control groups, and in the first.
_FILES = [
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
]


def free_memory() -> int:
    """Return how many bytes a new process can have."""
    return min([psutil.virtual_memory().available, *_left_in_container(_CONTROL_GROUPS)])


def _left_in_container(root: Path) -> Iterator[int]:
    """Yield what is left of the limit of our container, if it has one."""
    for limit, used, facts, given_back in _FILES:
        try:
            allowed = int((root / limit).read_text(encoding="ascii"))
            taken = int((root / used).read_text(encoding="ascii"))
            lines = (root / facts).read_text(encoding="ascii").splitlines()
            cached = dict(line.split() for line in lines).get(given_back, "0")
        except (OSError, ValueError):  # not in a container, or one without a limit: "max"
            continue
        yield max(0, allowed - taken + int(cached))

#!/usr/bin/env python3
"""Print the tests that the last run of pytest saw fall, one a line, and forget them.

Exits with 1 where there are none, or so many that no neighbour can be the cause. pytest's own
--last-failed does not know them again: pytest-xdist has put a group's name behind theirs.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / ".pytest_cache/v/cache/lastfailed"
MOST = 10
# A group stands behind the brackets of a test's parameters, which may have an @ of their own.
_GROUP = re.compile(r"@[^@\]]*$")


def main(record=RECORD):
    """Print them, unless they are none or too many."""
    names = failed(record)
    record.unlink(missing_ok=True)
    if not 0 < len(names) <= MOST:
        print(f"{len(names)} tests fell: nothing is run again", file=sys.stderr)
        return 1
    print("\n".join(names))
    return 0


def failed(record):
    """Return the tests of pytest's record, without their groups."""
    if not record.exists():
        return []
    return [_GROUP.sub("", name) for name in json.loads(record.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    sys.exit(main())

"""A user of PostgreSQL in a process of its own: makes a database, and obeys lines on its stdin."""

import json
import sys

from eventlab.database import Database, joining, new_database


def main() -> None:
    """Make a database of the name that is given; each line is a method of it to call."""
    joining.LINGER_SECONDS = 0.1  # nobody comes back in these tests
    database = new_database(sys.argv[1])
    _say(database)
    for line in sys.stdin:
        getattr(database, line.strip())()
        _say(database)


def _say(database: Database) -> None:
    print(json.dumps({"state": database.state, "pid": database.pid}), flush=True)


if __name__ == "__main__":
    main()

"""A user of the broker in a process of its own: joins, says so, and obeys lines on its stdin."""

import json
import os
import sys

from eventlab.broker import join, joining


def main() -> None:
    """Join under the name that is given; each line is a method of the seat to call."""
    joining.LINGER_SECONDS = 0.1  # nobody comes back in these tests
    seat = join(sys.argv[1])
    _say(seat)
    for line in sys.stdin:
        getattr(seat, line.strip())()
        _say(seat)


def _say(seat) -> None:
    facts = {"status": seat.status, "broker": seat.pid, "servers": seat.bootstrap_servers}
    print(json.dumps(facts | {"users": seat.users, "me": os.getpid()}), flush=True)


if __name__ == "__main__":
    main()

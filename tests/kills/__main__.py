"""A campaign of kills from the command line.

python -m tests.kills [--kills 10000] [--minutes 10] [--seed 1]
"""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.kills.campaign import after_kills


def main() -> int:
    """Strike until the number or the time is reached; return 1 if a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="eventlab kills é "))
    history = after_kills(
        folder,
        wanted.seed,
        wanted.kills,
        minutes=wanted.minutes,
        say=partial(print, flush=True),
    )
    print(history.summary)
    for kind, cases in history.faults.items():
        print(f"{kind}: {', '.join(cases[:20])}")
    print(f"What each said on its way is in {folder}")
    return 1 if history.faults else 0


if __name__ == "__main__":
    sys.exit(main())

"""The table of wrong calls from the command line.

python -m tests.calls [PART OF A VERB'S NAME ...]
"""

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path


def main() -> int:
    """Try the cells, print those with a fault, and return 1 if there are any."""
    from eventlab.broker import end_local
    from eventlab.folders import cache_folder

    home = Path(tempfile.mkdtemp(prefix="eventlab calls é "))
    (home / "cache").symlink_to(cache_folder().resolve(), target_is_directory=True)
    os.environ["EVENTLAB_HOME"] = str(home)
    from tests.calls.table import cells, fault
    from tests.calls.world import made

    wanted = sys.argv[1:]
    chosen = [cell for cell in cells() if not wanted or any(one in cell.verb for one in wanted)]
    faults: Counter[str] = Counter()
    started = time.monotonic()
    try:
        with made() as world:
            for cell in chosen:
                begun = time.monotonic()
                found = fault(world, cell)
                spent = time.monotonic() - begun
                if spent > 3:
                    print(f"SLOW {spent:.1f} {cell}", flush=True)
                if found:
                    faults[f"{cell.verb}({cell.parameter})"] += 1
                    print(f"{cell}: {found}", flush=True)
    finally:
        end_local("the table of wrong calls")
    print(f"{len(chosen)} cells, {sum(faults.values())} faults in {len(faults)} parameters")
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

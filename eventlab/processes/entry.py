"""Run the `main` of a module of ours; this is what a spawned child begins with.

In place of `python -m module`: a module that is run by its own name exists twice, and what was
pickled of the one is not of the other's types.
"""

import sys
from importlib import import_module

if __name__ == "__main__":
    import_module(sys.argv[1]).main()

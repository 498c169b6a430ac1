#!/usr/bin/env python3
"""Print the test module of each chapter that a change touches, one a line; all if nobody knows.

What is compared: the files as they lie here with the commit that EVENTLAB_SINCE names, else with
the point where this branch left origin/main, else, on main itself, with the commit before. In a
clone so shallow that it has none of them, or without git, every chapter counts as changed: one run
too many costs minutes, one too few a fault.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# A file of one chapter has its number in its name; every other file of these rooms is of all.
OF_ONE_CHAPTER = (
    r"notebooks/(\d\d)_[^/]*\.ipynb",
    r"notebooks/solutions/(\d\d)_[^/]*",
    r"eventlab/course/ch(\d\d)\.py",
    r"tests/course/test_ch(\d\d)\.py",
)
OF_ALL_CHAPTERS = ("notebooks/", "eventlab/course/", "eventlab/teach/", "tests/course/")


def main():
    """Print the test modules of the chapters that have changed."""
    known = sorted(path.name[:2] for path in ROOT.glob("notebooks/[0-9][0-9]_*.ipynb"))
    files = changed_files()
    for number in known if files is None else chapters_of(files, known):
        print(f"tests/course/test_ch{number}.py")


def changed_files():
    """Return the files that differ from what they are compared with; None where nothing is."""
    since = base()
    if since is None:
        return None
    changed = git("diff", "--name-only", since)
    added = git("ls-files", "--others", "--exclude-standard")
    if changed is None or added is None:
        return None
    return changed.splitlines() + added.splitlines()


def base():
    """Return the commit to compare with, None if there is none here."""
    named = os.environ.get("EVENTLAB_SINCE")
    if named:
        return named
    fork = git("merge-base", "HEAD", "origin/main")
    if fork and fork != git("rev-parse", "HEAD"):
        return fork
    return git("rev-parse", "--verify", "--quiet", "HEAD~1")


def git(*arguments):
    """Return what git answers, without the newline at its end; None if it fails."""
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, encoding="utf-8")
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def chapters_of(files, known):
    """Return the numbers of the known chapters that these files belong to, in order."""
    numbers = set()
    for file in files:
        own = [match[1] for match in (re.fullmatch(p, file) for p in OF_ONE_CHAPTER) if match]
        if own:
            numbers.update(own)
        elif file.startswith(OF_ALL_CHAPTERS):
            return known
    return [number for number in known if number in numbers]


if __name__ == "__main__":
    sys.exit(main())

"""The jars of older Kafkas, which only tests run; fetched and checked as those of our own are."""

from pathlib import Path

import pytest

from eventlab.broker import distribution
from eventlab.broker.distribution import VERSION

OURS = VERSION
# The oldest that is promised, and the last without a limit for times ahead of the clock.
OLD = ("3.0.2 under ZooKeeper", "3.5.2")


def class_path(version: str) -> list[str]:
    """Return the class path of a release, after fetching what is missing of it."""
    if version == OURS:
        return distribution.class_path()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distribution, "VERSION", version)
        patch.setattr(distribution, "LOCK", Path(__file__).with_name(f"kafka-{version}.lock"))
        distribution.fetch()
        return distribution.class_path()

"""Each chapter runs once at a time: two runs of one chapter would empty each other's topics."""

import re

import pytest


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items):
    """Keep all that runs a chapter on one worker."""
    for item in items:
        if "tests/chapters" in item.nodeid:
            chapter = re.search(r"test_ch(\d\d)|\[(\d\d)\]", item.nodeid)
            number = next(filter(None, chapter.groups())) if chapter else "none"
            item.add_marker(pytest.mark.xdist_group(f"chapter {number}"))

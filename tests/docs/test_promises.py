"""The page of promises names tests that there are."""

import re

import pytest

from tests.structure.files import ROOT

PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
PROMISES = [line for line in PAGE.splitlines() if line.startswith("| ")]
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))


@pytest.mark.parametrize("name", NAMED)
def test_what_holds_a_promise_is_there(name):
    """A test that is renamed, or taken away, leaves no promise behind."""
    path, _, function = name.partition("::")
    assert f"\ndef {function}(" in (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("line", [line for line in PROMISES if "| What fails |" not in line])
def test_each_promise_has_its_test(line):
    """Or says that it has none."""
    assert line.endswith(("` |", "| no test |"))


def test_there_are_promises():
    """In the shape that is looked for here."""
    assert len(PROMISES) > len(NAMED) > 15

"""What the room offers is what its `__all__` says."""

from eventlab import log


def test_exports_are_there_and_in_order():
    """Every public name exists, once, in alphabetical order."""
    assert [name for name in log.__all__ if not hasattr(log, name)] == []
    assert log.__all__ == sorted(set(log.__all__))

"""Waiting for an experiment."""

from itertools import count

from eventlab.course.waiting import until


def test_what_comes_true_is_waited_for():
    """However often one has to look."""
    looks = count()
    assert until(lambda: next(looks) >= 3)


def test_what_never_comes_true_is_given_up():
    """After the time that it was given."""
    assert not until(lambda: False, seconds=0)

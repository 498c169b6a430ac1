from eventlab.pictures.newest import Newest


def test_of_more_keys_those_that_came_last_are_kept():
    """A key that is set again counts as new."""
    newest = Newest(2)
    for key in ("a", "b", "a", "c"):
        newest[key] = key
    assert dict(newest) == {"a": "a", "c": "c"}


def test_it_does_not_grow():
    """However much comes."""
    newest = Newest(10)
    for key in range(10_000):
        newest[key] = key
    assert list(newest) == list(range(9990, 10_000))

from eventlab.streams.arrivals import Arrival
from eventlab.streams.versions import Versions


def test_rows_that_nobody_can_see_any_more_are_dropped():
    """Of a key only what an event of the history may need; of a deleted key nothing."""
    versions = Versions(0, {})
    row = lambda offset, value: Arrival(value, "a", "t", 0, offset, offset, offset)  # noqa: E731
    for offset in range(10):
        versions.put("a", row(offset, offset), forget_before=7)
    assert [one.event for one in versions.rows["a"]] == [7, 8, 9]
    assert (versions.at("a", 8).event, versions.at("a", 6)) == (8, None)
    versions.put("a", row(10, None), forget_before=7)
    versions.forget_deleted(11)
    assert versions.rows == {}

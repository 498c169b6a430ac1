import msgspec

from eventlab.flows.status import PartStatus, Status, together, watermark
from eventlab.streams.arrivals import NEVER

ONE = PartStatus("t", 0, 5, 100, 2)
TWO = PartStatus("t", 1, 7, 80, 0)


def test_the_status_of_a_flow_is_that_of_its_processes_together():
    """Counts and bytes are added up; the process that stamps knows the watermark.

    An epoch has ended that has in all of them.
    """
    first = Status(3, [ONE], NEVER, {"count": 10, "join": 1}, 3)
    second = Status(4, [TWO], 70, {"count": 5}, 2)
    assert together([first, second]) == Status(7, [ONE, TWO], 70, {"count": 15, "join": 1}, 2)
    assert together([]) == Status()


def test_the_watermark_is_the_least_stream_time_where_nothing_is_stamped():
    """There is none as long as a partition has shown nothing."""
    silent = msgspec.structs.replace(TWO, stream_time=NEVER)
    assert watermark(Status(parts=[ONE, TWO])) == 80
    assert watermark(Status(parts=[ONE, silent])) is None
    assert watermark(Status(parts=[ONE, TWO], watermark=60)) == 60
    assert watermark(Status(parts=[ONE, TWO], watermark=NEVER)) is None
    assert watermark(Status()) is None

"""Standing queries: how they are, and how they stand still and go on."""

from eventlab.errors import FlowError
from eventlab.sql.running.standing import Standing


class Flow:
    """A flow as far as a standing query sees one."""

    def __init__(self):
        self.is_alive, self.error = False, None

    def start(self):
        self.is_alive = True

    def stop(self):
        self.is_alive = False


def standing():
    """Return a query whose flow runs."""
    query = Standing("CTAS_T_1", "CREATE …", None, None, make=Flow, flow=Flow())
    query.flow.start()
    return query


def test_it_stands_still_and_goes_on():
    """Its flow reads nothing meanwhile, and is the same."""
    query = standing()
    first = query.flow
    query.pause()
    assert query.state == "paused"
    assert query.pausing.is_set()
    query.resume()
    assert query.state == "running"
    assert not query.pausing.is_set()
    assert query.flow is first


def test_one_that_runs_is_not_begun_anew():
    """Resume does nothing then."""
    query = standing()
    first = query.flow
    query.resume()
    assert query.flow is first


def test_one_that_failed_says_so_and_can_be_begun_again():
    """With what ended it."""
    query = standing()
    query.flow.is_alive, query.flow.error = False, FlowError("It ended")
    assert query.state == "failed"
    assert str(query.error) == "It ended"
    query.resume()
    assert query.state == "running"
    query.stop()
    assert query.state == "ended"

"""Standing queries: how they are, and how they stand still and go on."""

from eventlab.errors import FlowError
from eventlab.sql.running.standing import Layout, Standing


class Flow:
    """A flow as far as a standing query sees one."""

    def __init__(self, positions=()):
        self.is_alive = False
        self.error = None
        self.positions = dict(positions)

    def start(self):
        self.is_alive = True

    def stop(self):
        self.is_alive = False


def standing():
    """Return a query whose flow runs."""
    query = Standing("CTAS_T_1", "CREATE …", None, None, make=lambda part: Flow())
    query.begin()
    return query


def test_it_stands_still_and_goes_on():
    """Its flow reads nothing meanwhile, and is the same."""
    query = standing()
    first = query.flows[0]
    query.pause()
    assert query.state == "paused"
    assert query.pausing.is_set()
    query.resume()
    assert query.state == "running"
    assert not query.pausing.is_set()
    assert query.flows[0] is first


def test_one_that_runs_is_not_begun_anew():
    """Resume does nothing then."""
    query = standing()
    first = query.flows[0]
    query.resume()
    assert query.flows[0] is first


def test_one_that_failed_says_so_and_can_be_begun_again():
    """With what ended it."""
    query = standing()
    query.flows[0].is_alive, query.flows[0].error = False, FlowError("It ended")
    assert query.state == "failed"
    assert str(query.error) == "It ended"
    query.resume()
    assert query.state == "running"
    query.stop()
    assert query.state == "ended"


def test_parts_run_here_or_elsewhere():
    """Each by a name of its own; those that run here say how it is."""
    query = Standing("CTAS_T_1", "CREATE …", None, None, make=lambda part: Flow(), layout=Layout(3))
    assert query.tasks == ["CTAS_T_1-0", "CTAS_T_1-1", "CTAS_T_1-2"]
    assert query.state == "ended"
    query.begin(2)
    query.begin(0)
    assert (query.state, sorted(query.flows)) == ("running", [0, 2])
    query.leaving.add(2)
    assert [query.reads_nothing(part) for part in (0, 2)] == [False, True]
    query.end(2)
    query.end(2)
    assert (sorted(query.flows), query.leaving) == ([0], set())
    query.failures[1] = FlowError("It did not begin")
    assert (query.state, str(query.error)) == ("failed", "It did not begin")
    query.resume()
    assert (query.state, sorted(query.flows)) == ("running", [0, 1])


def test_partitions_that_are_new_have_a_part_too():
    """Each partition is read by one part."""
    layout = Layout(3)
    for partition in range(7):
        assert [layout.is_in(part, partition) for part in range(3)].count(True) == 1


def test_what_several_parts_read_is_read_when_all_have():
    """Behind a topic that rows are passed on through, each reads the whole of a table."""
    flows = [Flow({("rows", 0): 4, ("table", 0): 9}), Flow({("rows", 1): 5, ("table", 0): 2})]
    query = Standing("CTAS_T_1", "CREATE …", None, None, make=flows.__getitem__, layout=Layout(2))
    query.begin(1)
    query.begin(0)
    assert query.positions == {("rows", 0): 4, ("rows", 1): 5, ("table", 0): 2}


def test_where_rows_are_passed_on_as_many_parts_are_behind():
    """The first read the partitions of a source, the others all of any other topic."""
    layout = Layout(3, topic="between")
    query = Standing("CTAS_T_1", "CREATE …", None, None, make=lambda part: Flow(), layout=layout)
    assert query.tasks == [f"CTAS_T_1-{part}" for part in range(6)]
    assert [layout.is_behind(part) for part in range(6)] == [False] * 3 + [True] * 3
    assert [layout.is_in(part, 1) for part in range(6)] == [False, True, False, True, True, True]

"""When a table has what its query makes of all that was there: so that a notebook's cells agree.

A query works beside the cells: asked right after CREATE TABLE … AS SELECT, its table is empty.
"""

import time
from collections.abc import Callable, Iterable

from eventlab.log import Topic
from eventlab.sql.planning.plans import sources_of
from eventlab.sql.running.standing import Ends, Standing, least_of

_LOOK_SECONDS = 0.02
_LOOKS = 20  # of the partitions together
_STILL_SECONDS = 0.1
_FIRST_SECONDS = 1.0  # a flow that begins opens its store before its steps do anything
_WAITING_SECONDS = 2.0  # an event of a join waits for the other side, as long as that is silent
_LAST_SECONDS = 5.0
_MOVING_SECONDS = 0.5  # what is written to all the time shows that the steps of its query work


def settle(
    name: str,
    queries: Iterable[Standing],
    open_topic: Callable[[str], Topic],
    timeout_seconds: float = 30.0,
) -> bool:
    """Wait until the queries that write a stream or a table have read all that is there now.

    Returns False where the time is up before, or one of them does not run. The last results may
    come a moment later: so it waits until the topic stands still, unless that was so before and
    nothing has come since.
    """
    standing = list(queries)
    deadline = time.monotonic() + timeout_seconds
    return _settled({name}, standing, open_topic, deadline)


def _settled(
    names: set[str], queries: list[Standing], open_topic: Callable[[str], Topic], deadline: float
) -> bool:
    """Settle from the first query to the last: what one writes, the next one has to read."""
    done = True
    for query in [one for one in queries if one.target.name in names]:
        above = [one for one in queries if one is not query]
        done = _settled(query.reads, above, open_topic, deadline) and done
        ends = _ends_above(query, open_topic)
        if ends != query.settled:
            has_read = _has_done(query, ends, deadline)
            if has_read and query.layout.topic:
                between = open_topic(query.layout.topic)
                _stand_still(between, _seconds(query), _most_seconds(query))
                has_read = _has_done(query, _ends_of(between), deadline)
            _stand_still(open_topic(query.target.topic), _seconds(query), _most_seconds(query))
            query.settled = ends if has_read else None
            done = done and has_read
    return done


def _seconds(query: Standing) -> float:
    if len(sources_of(query.plan)) > 1:
        return _WAITING_SECONDS
    return _FIRST_SECONDS if query.settled is None else _STILL_SECONDS


def _most_seconds(query: Standing) -> float:
    if len(sources_of(query.plan)) > 1:
        return _LAST_SECONDS
    return _seconds(query) + _MOVING_SECONDS


def _ends_above(query: Standing, open_topic: Callable[[str], Topic]) -> Ends:
    found: Ends = {}
    for source in sources_of(query.plan):
        found |= _ends_of(open_topic(source.topic))
    return found


def _ends_of(topic: Topic) -> Ends:
    return {(topic.name, part): end for part, end in _ends(topic).items()}


def _has_done(query: Standing, ends: Ends, deadline: float) -> bool:
    return _has_read(query, ends, deadline) and _has_looked_again(query, deadline)


def _has_read(query: Standing, ends: Ends, deadline: float) -> bool:
    while query.is_at_work and time.monotonic() < deadline:
        positions = least_of([query.elsewhere(), query.positions])
        if all(positions.get(place, 0) >= end for place, end in ends.items()):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _has_looked_again(query: Standing, deadline: float) -> bool:
    """Wait until the flow has looked for more a few times: by then its steps have done the rest.

    All of its steps share a thread, and what it writes is acknowledged before it looks again. Of
    one that runs elsewhere nothing is known.
    """
    if not query.flows:
        return True
    due = {one.name: query.looks[one.name] + _LOOKS for one in sources_of(query.plan)}
    while query.state == "running" and time.monotonic() < deadline:
        if all(query.looks[name] >= looks for name, looks in due.items()):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _stand_still(topic: Topic, seconds: float, most_seconds: float) -> None:
    deadline = time.monotonic() + most_seconds
    before = _ends(topic)
    still_since = time.monotonic()
    while time.monotonic() - still_since < seconds and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        now = _ends(topic)
        if now != before:
            still_since = time.monotonic()
        before = now


def _ends(topic: Topic) -> dict[int, int]:
    return topic.end_offsets(committed=True)

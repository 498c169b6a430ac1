"""All standing queries by their ids: how one begins, stands still, goes on, and ends for good."""

import re
from collections.abc import Callable, Iterator, Mapping

from eventlab.errors import SqlError
from eventlab.sql.catalog import near
from eventlab.sql.planning.plans import Step, sources_of
from eventlab.sql.planning.splitting import Split, repartition_of, repartitioned, split
from eventlab.sql.running.part_flows import PartFlows, Store
from eventlab.sql.running.repartitioning import make_topic
from eventlab.sql.running.session import NewQuery
from eventlab.sql.running.settling import settle
from eventlab.sql.running.standing import Begin, Ends, Layout, Standing
from eventlab.sql.running.wires import Wires
from eventlab.sql.syntax import Control, Drop

_DID = {"pause": "Paused", "resume": "Resumed", "terminate": "Ended"}


class StandingQueries(Mapping[str, Standing]):
    """Hold the standing queries of an engine, by their ids; only its methods add or remove one.

    Where it `begins_anew`, what an earlier query of the same id knew is deleted. Where it
    `is_shared`, queries are split in parts, and begin none by themselves; `elsewhere` then gives
    what other servers have read for a query, `is_alone` tells that there are none, and
    `topic_between` names the topic through which a query repartitions its rows. `ending` is called
    with the id of a query before it ends for good.
    """

    def __init__(
        self, wires: Wires, store: Store | None, *, begins_anew: bool, is_shared: bool
    ) -> None:
        self.elsewhere: Callable[[str], Ends] = _nowhere
        self.is_alone: Callable[[], bool] = lambda: True
        self.topic_between: Callable[[str], str] = "{}.repartition".format
        self.ending: Callable[[str], object] = _unnoted
        self._open_topic = wires.open_topic
        self._flows = PartFlows(wires, store)
        self._begins_anew = begins_anew
        self._is_shared = is_shared
        self._queries: dict[str, Standing] = {}

    def __getitem__(self, query_id: str) -> Standing:
        return self._queries[query_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)

    # -- their beginning ------------------------------------------------------------------------

    def new(self, change: NewQuery, text: str, number: int, start: Begin) -> Standing:
        """Return a query that has not begun, and is none of these yet.

        Where it begins at the `latest` records, these are the latest now, whenever its parts begin.
        """
        query = self._standing(change, text, number, self._layout(change, number, start))
        if self._begins_anew:
            self._flows.forget(query)  # of an earlier engine, whose queries had the same ids
        return query

    def begin(self, query: Standing) -> None:
        """Let a new query begin, unless parts are shared. Raises EventlabError where it cannot."""
        if self._is_shared:
            self._prepare(query)
        else:
            query.begin()
        self._queries[query.query_id] = query

    def recall(self, change: NewQuery, text: str, number: int, layout: Layout) -> None:
        """Take in a query that was made elsewhere, or in an earlier run; it does not begin."""
        query = self._standing(change, text, number, layout)
        self._queries[query.query_id] = query

    def split(self, plan: Step, topic: str = "") -> Split:
        """Return how a query is split, whose rows are repartitioned through a topic if need be."""
        if not self._is_shared:
            return Split(plan, 1)
        found = split(plan, lambda name: len(self._open_topic(name).partitions), topic)
        if self.is_alone() and repartition_of(found.plan) is not None:
            return Split(plan, 1, "no other server is there")  # it would only take longer
        return found

    def _prepare(self, query: Standing) -> None:
        """Make what all parts of a query share; raise here and now what keeps them from beginning.

        Nothing is left then.
        """
        layout = query.layout
        between = self._open_topic(layout.topic) if layout.topic else None
        if between is not None:
            make_topic(between, layout.parts)
        try:
            query.make(0)
            query.make(layout.all_parts - 1)
        except BaseException:
            if between is not None:
                between.delete()
            raise

    def _layout(self, change: NewQuery, number: int, start: Begin) -> Layout:
        topics = [self._open_topic(one.topic) for one in sources_of(change.plan)]
        if start == "latest":
            start = {topic.name: topic.end_offsets() for topic in topics}
        between = self.topic_between(_query_id(change, number))
        found = self.split(change.plan, between)
        return Layout(found.parts, start, between if repartition_of(found.plan) else "")

    def _standing(self, change: NewQuery, text: str, number: int, layout: Layout) -> Standing:
        plan = repartitioned(change.plan, layout.topic) if layout.topic else change.plan
        query = Standing(
            _query_id(change, number),
            text,
            plan,
            change.target,
            make=lambda part: self._flows.flow_of(query, part),
            layout=layout,
            inserts=not change.is_new,
            elsewhere=lambda: self.elsewhere(query.query_id),
        )
        return query

    # -- while they stand -----------------------------------------------------------------------

    def control(self, statement: Control) -> str:
        """Pause, resume or end what a statement names, and say which. Raises SqlError."""
        chosen = self._chosen(statement)
        for query in chosen:
            if statement.action == "pause":
                query.pause()
            elif statement.action == "resume":
                query.resume()
            else:
                self.end(query.query_id)
        ids = ", ".join(query.query_id for query in chosen)
        said = f"{_DID[statement.action]}: {ids or 'nothing'}"
        busy = [one.query_id for one in chosen if statement.action == "terminate" and one.is_busy]
        if busy:  # nothing ends a function that does not return
            said += f". Still busy with a row, and at an end after it: {', '.join(busy)}"
        return said

    def settle(self, name: str) -> bool:
        """Wait until a stream or a table has what its queries make of all that is there now."""
        return settle(name, self._queries.values(), self._open_topic)

    def require_unused(self, statement: Drop) -> None:
        """Raise SqlError where others use what is dropped; its own query ends with it."""
        name = statement.name
        users = [
            query.query_id
            for query in self._queries.values()
            if name in query.reads or (query.inserts and query.target.name == name)
        ]
        if users:
            raise SqlError(
                f"{name} is in use",
                expected="a stream or a table that no query reads, and none inserts into",
                found=", ".join(users),
                remedy=f"TERMINATE {users[0]}; first.",
                position=statement.position,
            )

    def _chosen(self, statement: Control) -> list[Standing]:
        query_id = statement.query_id
        if query_id == "ALL":
            return list(self._queries.values())
        if query_id in self._queries:
            return [self._queries[query_id]]
        raise SqlError(
            f"There is no query {query_id}",
            expected=", ".join(self._queries) or "a query that runs",
            found=near(query_id, self._queries) or query_id,
            remedy="SHOW QUERIES lists them.",
            position=statement.position,
        )

    # -- their end ------------------------------------------------------------------------------

    def end(self, query_id: str) -> None:
        """End a query for good."""
        query = self._queries[query_id]
        self.ending(query_id)
        query.stop()
        del self._queries[query_id]
        if not self._is_shared:  # else another may be about to end a part of it
            self._flows.forget(query)

    def end_writers(self, name: str) -> None:
        """End the queries that write to a stream or a table, for good."""
        for query in [one for one in self._queries.values() if one.target.name == name]:
            self.end(query.query_id)

    def close(self) -> None:
        """Let none run any more; what they know is kept, unless it `begins_anew`."""
        for query in self._queries.values():
            query.stop()
            if self._begins_anew:
                self._flows.forget(query)


def _nowhere(_: str) -> Ends:
    """Return what other servers have read for a query: there are none."""
    return {}


def _unnoted(_: str) -> None:
    """Keep nothing of the end of a query."""


def _query_id(change: NewQuery, number: int) -> str:
    if not change.is_new:
        return f"INSERTQUERY_{number}"
    kind = "CSAS" if change.target.kind == "stream" else "CTAS"
    return f"{kind}_{_letters(change.target.name)}_{number}"


def _letters(name: str) -> str:
    """Return a name with what no flow may have in its own left out."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)

"""What a statement asks for beside the catalog: topics, a row in one, queries that begin or end."""

from collections.abc import Iterable

from eventlab.log import Record, produce
from eventlab.sql.catalog import Catalog, Source
from eventlab.sql.running.followed import Followed
from eventlab.sql.running.registering import forget as forget_schemas
from eventlab.sql.running.session import Altered, Change, Gone, NewQuery, NewRow, NewSource, Nothing
from eventlab.sql.running.source_topics import SourceTopics
from eventlab.sql.running.standing import Layout
from eventlab.sql.running.standing_queries import StandingQueries
from eventlab.sql.running.wires import OpenTopic
from eventlab.sql.syntax import Statement


class Applier:
    """Do what changes of a catalog ask for, with the queries and the followed tables of an engine.

    `number` is that of the last query; the next one's is one more.
    """

    def __init__(
        self,
        open_topic: OpenTopic,
        catalog: Catalog,
        queries: StandingQueries,
        followed: Followed,
        *,
        begins_anew: bool,
    ) -> None:
        self.number = 0
        self._open_topic = open_topic
        self._catalog = catalog
        self._queries = queries
        self._followed = followed
        self._topics = SourceTopics(open_topic, begins_anew=begins_anew)

    def apply(self, change: Change, statement: Statement, text: str) -> str:
        """Do what a statement asks for, and say it. Raises EventlabError."""
        match change:
            case Nothing(said):
                return said
            case NewSource(source):
                self._topics.provide(source, statement)
                self._followed.forget(source.name)  # the one that it replaces
                return f"{_named(source)} is there, over the topic {source.topic}"
            case Altered(source, columns):
                self._followed.forget(source.name)
                return f"{_named(source)} has the column {', '.join(columns)} now"
            case NewQuery():
                return self._stand(change, text)
            case NewRow(target, key, value, at):
                produce(self._open_topic(target.topic), [Record(key, value, at)]).require_all()
                return f"One row was written to {target.name}"
            case Gone(source, with_topic):
                self._drop(source, with_topic)
                return f"{_named(source)} is no more"

    def recall(self, change: Change, text: str, number: int, layout: Layout | None) -> None:
        """Know what was done elsewhere, or in an earlier run: topics stay, and no query begins."""
        match change:
            case NewSource(source) | Altered(source):
                self._followed.forget(source.name)
            case Gone(source):
                self._end_kept(source)
            case NewQuery():
                if change.is_new:
                    self._end_kept(change.target)
                known = layout or Layout(start=self._catalog.settings.start)
                self._queries.recall(change, text, number, known)

    def has_made_topic_of(self, name: str) -> bool:
        """Tell whether the topic of a stream or a table was made with it, by CREATE."""
        source = self._catalog.sources.get(name)
        return source is not None and self._topics.has_made(source)

    def take_back(self, queries: Iterable[str], sources: Iterable[str]) -> None:
        """End queries and let streams and tables be no more, with the topics made for them."""
        for query_id in set(queries) & set(self._queries):
            self._queries.end(query_id)
        for name in set(sources) & set(self._catalog.sources):
            source = self._catalog.sources.pop(name)
            self._followed.forget(name)
            self._topics.take_back(source)

    def _stand(self, change: NewQuery, text: str) -> str:
        target = change.target
        self.number += 1
        partitions = self._topics.prepare(change)  # before what is replaced ends
        if change.is_new:
            self._end_kept(target)
        query = self._queries.new(change, text, self.number, self._catalog.settings.start)
        self._topics.make(change, partitions)
        self._queries.begin(query)
        return f"{query.query_id} keeps the {target.kind} {target.name} in the topic {target.topic}"

    def _drop(self, source: Source, with_topic: bool) -> None:
        topic = self._open_topic(source.topic)
        is_deleted = with_topic and topic.exists  # asked before its query ends
        self._end_kept(source)
        if with_topic:
            forget_schemas(source)
        if is_deleted:
            topic.delete()

    def _end_kept(self, target: Source) -> None:
        """End what kept a stream or a table that is replaced or dropped, and what it held."""
        self._queries.end_writers(target.name)
        self._followed.forget(target.name)


def _named(source: Source) -> str:
    return f"The {source.kind} {source.name}"

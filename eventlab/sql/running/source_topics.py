"""The topics of streams and tables: found, made and deleted, with the schemas of their records."""

from eventlab.errors import SqlError
from eventlab.log import Topic
from eventlab.sql.catalog import Source
from eventlab.sql.planning.plans import Step, sources_of
from eventlab.sql.running.registering import forget as forget_schemas
from eventlab.sql.running.registering import register as register_schemas
from eventlab.sql.running.session import NewQuery
from eventlab.sql.running.wires import OpenTopic
from eventlab.sql.syntax import CreateSource, Position, Statement, WrittenProperties


class SourceTopics:
    """Make topics, and delete them; where it `begins_anew`, what a query writes to is emptied."""

    def __init__(self, open_topic: OpenTopic, *, begins_anew: bool) -> None:
        self._open_topic = open_topic
        self._begins_anew = begins_anew
        self._made: set[str] = set()

    def provide(self, source: Source, statement: Statement) -> None:
        """Let a stream or a table have its topic. Raises SqlError where there can be none."""
        topic = self._open_topic(source.topic)
        is_there = topic.exists
        if source.partitions is None and not is_there:
            raise SqlError(
                f"There is no topic {source.topic}",
                expected="a topic that is there, or PARTITIONS, so that it is made",
                found="neither",
                remedy=f"Write WITH (KAFKA_TOPIC='{source.topic}', PARTITIONS=1, …).",
                position=_place_of("KAFKA_TOPIC", statement),
            )
        if source.partitions is not None and is_there:
            _require_partitions(topic, source.partitions, _place_of("PARTITIONS", statement))
        if not source.is_read_only:
            register_schemas(source, only_new=True)
        if source.partitions is not None:
            topic.made(source.partitions)
            if not is_there:
                self._made.add(source.topic)

    def prepare(self, change: NewQuery) -> int:
        """Return how many partitions the topic of a query will have, if it can be made.

        What is there stays as it is. Raises SqlError and TopicError.
        """
        target = change.target
        topic = self._open_topic(target.topic)
        partitions = target.partitions or self._most_partitions(change.plan)
        topic.require_makeable(partitions)
        if change.is_new and self._begins_anew:
            forget_schemas(target, only_own=True)
        register_schemas(target)
        return partitions

    def make(self, change: NewQuery, partitions: int) -> None:
        """Let a query have the topic that it writes to."""
        topic = self._open_topic(change.target.topic)
        if change.is_new and self._begins_anew:
            topic.reset(partitions, {})
        else:
            topic.made(partitions)

    def has_made(self, source: Source) -> bool:
        """Tell whether the topic of a stream or a table was made with it, by CREATE."""
        return source.topic in self._made

    def take_back(self, source: Source) -> None:
        """Delete the topic of a stream or a table that is no more, if it was made with it."""
        if self.has_made(source):
            forget_schemas(source, only_own=True)
            self._made.discard(source.topic)
            self._open_topic(source.topic).delete()

    def _most_partitions(self, plan: Step) -> int:
        return max(len(self._open_topic(one.topic).partitions) for one in sources_of(plan))


def _require_partitions(topic: Topic, said: int, position: Position | None) -> None:
    """Raise SqlError where a topic that is there has another number of partitions than is said."""
    number = len(topic.partitions)
    if number != said:
        raise SqlError(
            f"The topic {topic.name} has another number of partitions",
            expected=f"PARTITIONS={number}, or none said",
            found=f"PARTITIONS={said}",
            remedy="Leave PARTITIONS out, or name a topic that is not there yet.",
            position=position,
        )


def _place_of(name: str, statement: Statement) -> Position | None:
    """Return where CREATE says a property, None where it does not."""
    properties = statement.properties if isinstance(statement, CreateSource) else None
    if isinstance(properties, WrittenProperties):
        return properties.positions.get(name)
    return None

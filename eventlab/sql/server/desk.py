"""What clients ask: statements, queries and rows to insert, one at a time."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from eventlab.errors import EventlabError
from eventlab.sql.answers import Rows
from eventlab.sql.engine import Engine
from eventlab.sql.grammar.parsing import Parsed, parse
from eventlab.sql.running.pushing import Push
from eventlab.sql.running.wires import OpenTopic
from eventlab.sql.server import saying
from eventlab.sql.server.command_runner import CommandRunner
from eventlab.sql.server.commands import CommandLog
from eventlab.sql.server.entities import Topics, looked_at
from eventlab.sql.server.inserting import inserted
from eventlab.sql.server.refusals import BAD_STATEMENT, QUERY_ENDPOINT, Refusal, refusal
from eventlab.sql.server.wire_values import Entity
from eventlab.sql.syntax import (
    AlterSource,
    AssertSchema,
    AssertSource,
    AssertTopic,
    AssertValues,
    Control,
    CreateAs,
    CreateSource,
    CreateType,
    Describe,
    DescribeFunction,
    Drop,
    DropType,
    Explain,
    InsertInto,
    Print,
    Select,
    Show,
)

_LASTING = (CreateSource, CreateAs, InsertInto, AlterSource, Control, Drop, CreateType, DropType)


class Desk:
    """Answer what is asked; call it from one thread.

    `commands` runs what lasts, for all servers of the id: `folder`, `report` and `address` are for
    it. `topics` names the cluster's. What a request says by SET, DEFINE or beside its statements
    holds for this request, as in ksqlDB.
    """

    def __init__(
        self,
        open_topic: OpenTopic,
        log: CommandLog,
        folder: Path,
        topics: Callable[[], Topics],
        report: Callable[[str], object],
        address: str,
    ) -> None:
        self.engine = Engine(open_topic, store=lambda name: folder / name, is_shared=True)
        self.commands = CommandRunner(self.engine, log, folder, report, address)
        self.pushes: dict[str, Push] = {}
        self._topics = topics

    def run(
        self, text: str, properties: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> list[Entity]:
        """Run statements, and return what each answers, if anything. Raises Refusal."""
        entities: list[Entity] = []
        self.commands.look_around()
        with saying.holding(self.engine.catalog, properties, variables):
            for parsed in self._parsed(text):
                try:
                    entities += self._entities(parsed)
                except EventlabError as error:
                    raise refusal(error, f"{parsed.text};", entities) from None
        return entities

    def ask(
        self, text: str, properties: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> Push | Rows:
        """Begin a push query, or run a pull query. Raises Refusal."""
        self.commands.look_around()
        with saying.holding(self.engine.catalog, properties, variables):
            found = self._parsed(text)
            if len(found) != 1 or not isinstance(found[0].statement, Select | Print):
                raise Refusal(
                    BAD_STATEMENT,
                    "One SELECT or PRINT is run here; other statements are for /ksql.",
                    statementText=text,
                    entities=[],
                )
            try:
                answer = self.engine.answer(found[0])
            except EventlabError as error:
                raise refusal(error, f"{found[0].text};") from None
        if isinstance(answer, Push):
            self.pushes = {name: one for name, one in self.pushes.items() if one.is_alive}
            self.pushes[answer.query_id] = answer
        assert isinstance(answer, Push | Rows)
        return answer

    def insert(self, target: str, rows: list[dict[str, Any]]) -> list[EventlabError | None]:
        """Write rows into a stream or a table; return for each what went wrong, None if nothing.

        Raises Refusal where there is no such stream or table.
        """
        if self._source_name(target) not in self.engine.catalog.sources:
            self.commands.look_around()
        try:
            source = self.engine.catalog.source(self._source_name(target))
        except EventlabError as error:
            raise refusal(error) from None
        return inserted(source, self.engine.topic(source.topic), rows)

    def close(self) -> None:
        """End what runs; it goes on with another server, or the next run."""
        self.engine.close()
        self.commands.close()

    def _source_name(self, said: str) -> str:
        return said if said in self.engine.catalog.sources else said.strip("`").upper()

    def _parsed(self, text: str) -> list[Parsed]:
        try:
            return parse(text, self.engine.catalog.variables)
        except EventlabError as error:
            raise refusal(error, text) from None

    def _entities(self, parsed: Parsed) -> list[Entity]:
        statement = parsed.statement
        text = f"{parsed.text};"
        match statement:
            case Select() | Print():
                raise Refusal(
                    QUERY_ENDPOINT,
                    "SELECT and PRINT are for /query and /query-stream; they are not run here.",
                    statementText=text,
                    entities=[],
                )
            case Show() | Describe() | DescribeFunction() | Explain():
                return [self._looked_at(statement, text)]
            case AssertTopic() | AssertSchema() | AssertSource() | AssertValues():
                return [saying.held(statement, str(self.engine.answer(parsed)), text)]
            case _ if isinstance(statement, _LASTING):
                return [self.commands.run(parsed)]
        self.engine.answer(parsed)
        return []

    def _looked_at(
        self, statement: Show | Describe | DescribeFunction | Explain, text: str
    ) -> Entity:
        works = self.commands.sharing.works
        session = self.engine.session
        return looked_at(session, self.engine.queries, statement, text, self._topics, works)

"""Statements that come from outside, run one at a time: what lasts is kept in the command log."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from eventlab.errors import EventlabError, SqlError
from eventlab.log import produce
from eventlab.sql.answers import Rows
from eventlab.sql.engine import Engine, OpenTopic
from eventlab.sql.grammar.parsing import Parsed, parse
from eventlab.sql.planning.inferring import written_out
from eventlab.sql.running.pushing import Push
from eventlab.sql.running.session import Session
from eventlab.sql.server import saying
from eventlab.sql.server.commands import Command, CommandLog, Kept
from eventlab.sql.server.entities import Entity, Topics, looked_at
from eventlab.sql.server.inserting import record_of
from eventlab.sql.server.refusals import BAD_STATEMENT, QUERY_ENDPOINT, Refusal, refusal
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
    Define,
    Describe,
    DescribeFunction,
    Drop,
    DropType,
    Explain,
    InsertInto,
    InsertValues,
    Print,
    Select,
    Set,
    Show,
    Statement,
)

_LASTING = (CreateSource, CreateAs, InsertInto, AlterSource, Control, Drop, CreateType, DropType)


class Desk:
    """Run what is asked, and remember it; call it from one thread.

    `folder` has what queries know, `topics` names the cluster's. What a request says by SET, DEFINE
    or beside its statements holds for this request, as in ksqlDB.
    """

    def __init__(
        self,
        open_topic: OpenTopic,
        log: CommandLog,
        folder: Path,
        topics: Callable[[], Topics],
        report: Callable[[str], object],
    ) -> None:
        self.engine = Engine(open_topic, store=lambda query_id: folder / query_id)
        self.pushes: dict[str, Push] = {}
        self.statuses: dict[str, Entity] = {}
        self._open_topic = open_topic
        self._log = log
        self._folder = folder
        self._topics = topics
        self._report = report

    # -- its beginning and its end --------------------------------------------------------------

    def begin(self) -> None:
        """Know again what was run before, and let its queries go on. Raises EventlabError."""
        for kept in self._log.kept():
            try:
                self._recall(kept)
            except (EventlabError, Refusal) as error:
                self._report(f"{kept.command.text} is not done again: {error}")
        for store in self._stores():
            if store.name not in {*self.engine.queries, *self.engine.resting}:
                shutil.rmtree(store)
        self.engine.go_on()
        for trouble in self.engine.reports:
            self._report(trouble)

    def close(self) -> None:
        """End what runs; it goes on with the next run."""
        self.engine.close()

    def terminate(self) -> None:
        """End everything for good: queries, what they know, streams and tables; topics stay."""
        self.engine.execute("TERMINATE ALL;")
        self.engine.close()
        self._log.delete()
        self._log.kept()
        self.engine.catalog.sources.clear()
        self.engine.catalog.types.clear()
        self.statuses.clear()

    def _stores(self) -> list[Path]:
        return [path for path in self._folder.iterdir() if path.is_dir()]

    def _recall(self, kept: Kept) -> None:
        command = kept.command
        with self._saying(command.properties, command.variables):
            for parsed in parse(command.text, command.variables):
                if kept.is_done:
                    self.engine.recall(parsed, number=kept.number)
                    said = "It is there from an earlier run"
                else:
                    said = str(self._run(parsed, kept.number))
                self._note(parsed.statement, said, kept.number)

    # -- statements -----------------------------------------------------------------------------

    def run(
        self, text: str, properties: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> list[Entity]:
        """Run statements, and return what each answers, if anything. Raises Refusal."""
        entities: list[Entity] = []
        with self._saying(saying.texts(properties), saying.texts(variables)):
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
        with self._saying(saying.texts(properties), saying.texts(variables)):
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
        try:
            source = self.engine.catalog.source(_source_name(target, self.engine))
        except EventlabError as error:
            raise refusal(error) from None
        errors: list[EventlabError | None] = []
        records = []
        for row in rows:
            try:
                records.append(record_of(source, row))
                errors.append(None)
            except EventlabError as error:
                errors.append(error)
        try:
            produce(self._open_topic(source.topic), records)
        except EventlabError as error:
            return [one or error for one in errors]
        return errors

    def _parsed(self, text: str) -> list[Parsed]:
        try:
            return parse(text, self.engine.catalog.variables)
        except EventlabError as error:
            raise refusal(error, text) from None

    def _entities(self, parsed: Parsed) -> list[Entity]:
        statement = parsed.statement
        text = f"{parsed.text};"
        catalog = self.engine.catalog
        match statement:
            case Select() | Print():
                raise Refusal(
                    QUERY_ENDPOINT,
                    "SELECT and PRINT are for /query and /query-stream; they are not run here.",
                    statementText=text,
                    entities=[],
                )
            case Set(name, value):
                catalog.settings.set(name, value)
            case Define(name, value):
                saying.keep(catalog.variables, name, value)
            case Show() | Describe() | DescribeFunction() | Explain():
                return [looked_at(self.engine, statement, text, self._topics)]
            case InsertValues():
                self.engine.answer(parsed)
            case AssertTopic() | AssertSchema() | AssertSource() | AssertValues():
                return [saying.held(statement, str(self.engine.answer(parsed)), text)]
            case _ if isinstance(statement, _LASTING):
                return [self._lasting(parsed)]
            case _:
                self.engine.answer(parsed)
        return []

    def _lasting(self, parsed: Parsed) -> Entity:
        """Run what changes what there is, and keep it for the next run."""
        catalog = self.engine.catalog
        parsed = written_out(parsed, catalog)
        self._require_possible(parsed)
        command = Command(f"{parsed.text};", dict(catalog.settings.given), dict(catalog.variables))
        number = self._log.append(command)
        try:
            said = self.engine.answer(parsed, number=number)
        except BaseException:
            self._log.mark(number, is_done=False)
            raise
        self._log.mark(number, is_done=True)
        return self._note(parsed.statement, str(said), number) | {"statementText": command.text}

    def _run(self, parsed: Parsed, number: int) -> str:
        """Run what the end of an earlier run cut off."""
        try:
            said = self.engine.answer(parsed, number=number)
        except EventlabError:
            self._log.mark(number, is_done=False)
            raise
        self._log.mark(number, is_done=True)
        return str(said)

    def _require_possible(self, parsed: Parsed) -> None:
        """Raise SqlError where a statement cannot be taken, before it is written to the log."""
        catalog = self.engine.catalog
        copied = replace(catalog, sources=dict(catalog.sources), types=dict(catalog.types))
        trial = Session(_nothing, copied, self.engine.session.functions)
        trial.take(parsed.statement, parsed.text, now=0)

    def _note(self, statement: Statement, said: str, number: int) -> Entity:
        command_id = saying.command_id(statement)
        status: Entity = {"status": "SUCCESS", "message": said}
        ids = [*self.engine.queries, *self.engine.resting]
        query = next((one for one in ids if one.endswith(f"_{number}")), None)
        if query is not None and isinstance(statement, CreateAs | InsertInto):
            status["queryId"] = query
        self.statuses[command_id] = status
        return {
            "@type": "currentStatus",
            "statementText": "",
            "commandId": command_id,
            "commandStatus": status,
            "commandSequenceNumber": number,
            "warnings": [],
        }

    @contextmanager
    def _saying(
        self, properties: Mapping[str, str], variables: Mapping[str, str]
    ) -> Iterator[None]:
        """Let these hold for the statements that are run meanwhile, and no longer."""
        catalog = self.engine.catalog
        try:
            for name, value in properties.items():
                catalog.settings.set(name, value)
            catalog.variables.update(variables)
            yield
        except SqlError as error:
            raise refusal(error) from None
        finally:
            catalog.settings.given.clear()
            catalog.variables.clear()


def _source_name(said: str, engine: Engine) -> str:
    return said if said in engine.catalog.sources else said.strip("`").upper()


def _nothing(_: str) -> None:
    """Take what rows lack: there are none."""

"""Statements that come from outside, run one at a time: what lasts is kept in the command log."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from eventlab.errors import BrokerError, EventlabError, SqlError
from eventlab.folders import writing_to
from eventlab.log import produce
from eventlab.sql.answers import Rows
from eventlab.sql.engine import Engine, OpenTopic
from eventlab.sql.grammar.parsing import Parsed, parse
from eventlab.sql.planning.inferring import written_out
from eventlab.sql.running.pushing import Push
from eventlab.sql.running.session import Session
from eventlab.sql.server import saying
from eventlab.sql.server.addresses import servers_in
from eventlab.sql.server.commands import Command, CommandLog, Done, Ended, News
from eventlab.sql.server.entities import Entity, Topics, looked_at
from eventlab.sql.server.inserting import record_of
from eventlab.sql.server.members import Members
from eventlab.sql.server.refusals import BAD_STATEMENT, QUERY_ENDPOINT, Refusal, refusal
from eventlab.sql.server.sharing import Sharing
from eventlab.sql.server.turns import turn, turn_if_free
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

    `folder` has what queries know, and is shared with the other servers of the id; this one is
    asked at `address`. `topics` names the cluster's. What a request says by SET, DEFINE or beside
    its statements holds for this request, as in ksqlDB.
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
        self.sharing = Sharing(
            folder,
            Members(servers_in(folder), address),
            self.engine.queries,
            self._catch_up,
            self._say,
        )
        self.engine.elsewhere = self.sharing.positions_elsewhere
        self.pushes: dict[str, Push] = {}
        self.statuses: dict[str, Entity] = {}
        self._open_topic = open_topic
        self._log = log
        self._folder = folder
        self._topics = topics
        self._report = report
        self._said = ""

    # -- its beginning and its end --------------------------------------------------------------

    def begin(self) -> None:
        """Know what was run before, and share the work from now on. Raises EventlabError."""
        with writing_to(self._folder), turn(self._turns, _wait):
            self._log.open()
            self._catch_up()
            self._finish_cut_off()
            self.sharing.join()
            self.sharing.look()

    def look(self) -> None:
        """Learn what other servers have run, and do this one's share of the work.

        To be called a few times a second; what goes wrong is reported.
        """
        try:
            with writing_to(self._folder):
                self._hear(self._log.news())
                if self._log.cut_off is not None:
                    self._finish_if_cut_off()
                self.sharing.look()
        except EventlabError as error:
            self._say(str(error))

    def close(self) -> None:
        """End what runs; it goes on with another server, or the next run."""
        self.engine.close()
        self.sharing.leave()
        self._log.close()

    def terminate(self, deleted: Iterable[re.Pattern[str]] = ()) -> None:
        """End everything for good: queries, what they know, streams and tables.

        Topics stay, but for those `deleted` that queries have kept a stream or a table in.
        """
        patterns = list(deleted)
        with self._turn():
            queries = list(self.engine.queries.values())
            made = {one.target.topic for one in queries if not one.inserts}
            self._log.forget()
            self._forget_all()
            self.sharing.forget(name for query in queries for name in query.tasks)
            for topic in map(self._open_topic, sorted(made)):
                if any(one.fullmatch(topic.name) for one in patterns) and topic.exists:
                    topic.delete()

    @property
    def _turns(self) -> Path:
        return self._folder / "lock"

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Have the turn, and know all that was run before."""
        with writing_to(self._folder), turn(self._turns, self.look):
            self._catch_up()
            self._finish_cut_off()
            yield

    def _catch_up(self) -> None:
        """Know all that is in the log by now. Raises BrokerError."""
        self._hear(self._log.news(to_end=True))

    def _look_around(self) -> None:
        """Know what others have run before this was asked, as far as the log can be read."""
        if self.sharing.is_alone:
            return
        try:
            self._catch_up()
        except BrokerError as error:
            self._say(str(error))

    def _hear(self, news: Iterable[News]) -> None:
        for one in news:
            match one:
                case Done():
                    self._recall(one)
                case Ended(queries):
                    self.engine.take_back(queries, [])
                case _:
                    self._forget_all()

    def _recall(self, done: Done) -> None:
        command = done.command
        try:
            with self._saying(command.properties, command.variables):
                for parsed in parse(command.text, command.variables):
                    self.engine.recall(parsed, number=done.number, layout=done.layout)
                    self._note(parsed.statement, "It was run before, or elsewhere", done.number)
        except (EventlabError, Refusal) as error:
            self._say(f"{command.text} is not done again: {error}")

    def _forget_all(self) -> None:
        self.engine.forget_all()
        self.statuses.clear()

    def _finish_if_cut_off(self) -> None:
        """Run a command without a mark, if the server that wrote it is not about to."""
        with turn_if_free(self._turns) as is_free:
            if is_free:
                self._catch_up()
                self._finish_cut_off()

    def _finish_cut_off(self) -> None:
        """Run what the end of its server cut off. Have the turn."""
        number = self._log.cut_off
        if number is None:
            return
        command = self._log.command(number)
        try:
            with self._saying(command.properties, command.variables):
                for parsed in parse(command.text, command.variables):
                    self._note(parsed.statement, self._done(parsed, number), number)
        except (EventlabError, Refusal) as error:
            self._say(f"{command.text} is not done again: {error}")
        if self._log.cut_off == number:
            self._log.mark(number, is_done=False)

    def _say(self, message: str) -> None:
        """Say what goes wrong, once for as long as it does."""
        if message != self._said:
            self._said = message
            self._report(message)

    # -- statements -----------------------------------------------------------------------------

    def run(
        self, text: str, properties: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> list[Entity]:
        """Run statements, and return what each answers, if anything. Raises Refusal."""
        entities: list[Entity] = []
        self._look_around()
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
        self._look_around()
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
        if _source_name(target, self.engine) not in self.engine.catalog.sources:
            self._look_around()
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
                return [looked_at(self.engine, statement, text, self._topics, self.sharing.works)]
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
        """Run what changes what there is, and keep it for all servers and the next run."""
        catalog = self.engine.catalog
        with self._turn():
            parsed = written_out(parsed, catalog)
            self._require_possible(parsed)
            given = dict(catalog.settings.given)
            command = Command(f"{parsed.text};", given, dict(catalog.variables))
            number = self._log.append(command)
            said = self._done(parsed, number)
        self.look()
        return self._note(parsed.statement, said, number) | {"statementText": command.text}

    def _done(self, parsed: Parsed, number: int) -> str:
        """Run a command that is in the log, and mark it; what it ends has ended everywhere."""
        statement = parsed.statement
        queries = self.engine.queries
        before = {name: query.tasks for name, query in queries.items()}
        replaced = self._replaced_by(statement)
        try:
            if replaced:
                self._log.end(replaced)
                self.engine.take_back(replaced, [])
                self.sharing.forget(name for one in replaced for name in before[one])
            said = self.engine.answer(parsed, number=number)
        except BaseException:
            self._log.mark(number, is_done=False)
            raise
        made = next((one for one in queries.values() if one.query_id not in before), None)
        self._log.mark(number, is_done=True, layout=None if made is None else made.layout)
        gone = before.keys() - queries.keys() - set(replaced)
        self.sharing.forget(name for one in gone for name in before[one])
        return str(said)

    def _replaced_by(self, statement: Statement) -> list[str]:
        """Return the queries that end before a statement does what it does: they write there."""
        match statement:
            case Drop(name=name) | CreateAs(name=name, or_replace=True):
                queries = self.engine.queries.values()
                return [one.query_id for one in queries if one.target.name == name]
        return []

    def _require_possible(self, parsed: Parsed) -> None:
        """Raise SqlError where a statement cannot be taken, before it is written to the log."""
        if isinstance(parsed.statement, Drop):
            self.engine.require_unused(parsed.statement)
        catalog = self.engine.catalog
        copied = replace(catalog, sources=dict(catalog.sources), types=dict(catalog.types))
        trial = Session(_nothing, copied, self.engine.session.functions)
        trial.take(parsed.statement, parsed.text, now=0)

    def _note(self, statement: Statement, said: str, number: int) -> Entity:
        command_id = saying.command_id(statement)
        status: Entity = {"status": "SUCCESS", "message": said}
        ids = self.engine.queries
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
        settings = self.engine.catalog.settings
        known = self.engine.catalog.variables
        given_before = dict(settings.given)
        known_before = dict(known)
        settings.given.clear()
        known.clear()
        try:
            for name, value in properties.items():
                settings.set(name, value)
            known.update(variables)
            yield
        except SqlError as error:
            raise refusal(error) from None
        finally:
            settings.given.clear()
            settings.given.update(given_before)
            known.clear()
            known.update(known_before)


def _source_name(said: str, engine: Engine) -> str:
    return said if said in engine.catalog.sources else said.strip("`").upper()


def _wait() -> None:
    """Do nothing: a server that begins has nothing yet that others could wait for."""


def _nothing(_: str) -> None:
    """Take what rows lack: there are none."""

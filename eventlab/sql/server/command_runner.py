"""The commands of an id, run here: this server's own, those of others, and what was cut off."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from eventlab.errors import BrokerError, EventlabError
from eventlab.folders import writing_to
from eventlab.sql.engine import Engine
from eventlab.sql.grammar.parsing import Parsed, parse
from eventlab.sql.planning.inferring import written_out
from eventlab.sql.server.addresses import servers_in
from eventlab.sql.server.between import TopicsBetween
from eventlab.sql.server.commands import Command, CommandLog, Done, Ended, News
from eventlab.sql.server.members import Members
from eventlab.sql.server.refusals import Refusal
from eventlab.sql.server.saying import command_id, holding
from eventlab.sql.server.sharing import Sharing
from eventlab.sql.server.turns import turn, turn_if_free
from eventlab.sql.server.wire_values import Entity
from eventlab.sql.syntax import CreateAs, Drop, InsertInto, Statement


class CommandRunner:
    """Run commands on an engine, so that all servers of an id know the same; in one thread.

    `folder` has what queries know, and is shared with the other servers of the id; this one is
    asked at `address`. `statuses` are what became of commands, by their names.
    """

    def __init__(
        self,
        engine: Engine,
        log: CommandLog,
        folder: Path,
        report: Callable[[str], object],
        address: str,
    ) -> None:
        self.sharing = Sharing(
            folder,
            Members(servers_in(folder), address),
            engine.queries,
            self._catch_up,
            self._say,
        )
        self._between = TopicsBetween(log.name.removesuffix("_commands"), engine.topic, self._say)
        engine.queries.elsewhere = self.sharing.positions_elsewhere
        engine.queries.is_alone = lambda: not self.sharing.others()
        engine.queries.topic_between = self._between.name
        self.statuses: dict[str, Entity] = {}
        self._engine = engine
        self._log = log
        self._folder = folder
        self._turns = folder / "lock"
        self._report = report
        self._said = ""

    def begin(self) -> None:
        """Know what was run before, and share the work from now on. Raises EventlabError."""
        with writing_to(self._folder), turn(self._turns, _wait):
            self._log.open()
            self._catch_up()
            self._finish_cut_off()
            self._between.keep(self._engine.queries.values())
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
                self._between.purge(self._engine.queries.values())
        except EventlabError as error:
            self._say(str(error))

    def look_around(self) -> None:
        """Know what others have run before this was asked, as far as the log can be read."""
        if self.sharing.is_alone:
            return
        try:
            self._catch_up()
        except BrokerError as error:
            self._say(str(error))

    def run(self, parsed: Parsed) -> Entity:
        """Run what changes what there is, keep it for all servers and the next run, and say how.

        Raises EventlabError.
        """
        catalog = self._engine.catalog
        with self._turn():
            parsed = written_out(parsed, catalog)
            self._require_possible(parsed)
            given = dict(catalog.settings.given)
            command = Command(f"{parsed.text};", given, dict(catalog.variables))
            number = self._log.append(command)
            said = self._done(parsed, number)
        self.look()
        return self._note(parsed.statement, said, number) | {"statementText": command.text}

    def terminate(self, deleted: Iterable[re.Pattern[str]] = ()) -> None:
        """End everything for good: queries, what they know, streams and tables.

        Topics stay, but for those `deleted` that queries have kept a stream or a table in.
        """
        patterns = list(deleted)
        with self._turn():
            queries = list(self._engine.queries.values())
            made = {one.target.topic for one in queries if not one.inserts}
            self._log.forget()
            self._forget_all()
            self.sharing.forget(name for query in queries for name in query.tasks)
            self._between.keep([])
            for topic in map(self._engine.topic, sorted(made)):
                if any(one.fullmatch(topic.name) for one in patterns) and topic.exists:
                    topic.delete()

    def close(self) -> None:
        """Run nothing more; the engine has to be closed before, and what ran goes on elsewhere."""
        self.sharing.leave()
        self._log.close()

    # -- what others have run -------------------------------------------------------------------

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

    def _hear(self, news: Iterable[News]) -> None:
        for one in news:
            match one:
                case Done():
                    self._recall(one)
                case Ended(queries):
                    self._engine.take_back(queries, [])
                case _:
                    self._forget_all()

    def _recall(self, done: Done) -> None:
        def know(parsed: Parsed) -> None:
            self._engine.recall(parsed, number=done.number, layout=done.layout)
            self._between.note(done.layout)
            self._note(parsed.statement, "It was run before, or elsewhere", done.number)

        self._try(done.command, know)

    def _forget_all(self) -> None:
        self._engine.forget_all()
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

        def finish(parsed: Parsed) -> None:
            self._note(parsed.statement, self._done(parsed, number), number)

        self._try(self._log.command(number), finish)
        if self._log.cut_off == number:
            self._log.mark(number, is_done=False)

    def _try(self, command: Command, work: Callable[[Parsed], object]) -> None:
        """Do something with the statements of an earlier command, and say what cannot be done."""
        try:
            with holding(self._engine.catalog, command.properties, command.variables):
                for parsed in parse(command.text, command.variables):
                    work(parsed)
        except (EventlabError, Refusal) as error:
            self._say(f"{command.text} is not done again: {error}")

    # -- one command ----------------------------------------------------------------------------

    def _done(self, parsed: Parsed, number: int) -> str:
        """Run a command that is in the log, and mark it; what it ends has ended everywhere."""
        queries = self._engine.queries
        before = {name: query.tasks for name, query in queries.items()}
        replaced = self._replaced_by(parsed.statement)
        try:
            if replaced:
                self._log.end(replaced)
                self._engine.take_back(replaced, [])
                self.sharing.forget(name for one in replaced for name in before[one])
            said = self._engine.answer(parsed, number=number)
        except BaseException:
            self._log.mark(number, is_done=False)
            raise
        made = next((one for one in queries.values() if one.query_id not in before), None)
        layout = None if made is None else made.layout
        self._log.mark(number, is_done=True, layout=layout)
        gone = before.keys() - queries.keys() - set(replaced)
        self.sharing.forget(name for one in gone for name in before[one])
        self._between.note(layout)
        self._between.keep(queries.values())
        return str(said)

    def _replaced_by(self, statement: Statement) -> list[str]:
        """Return the queries that end before a statement does what it does: they write there."""
        match statement:
            case Drop(name=name) | CreateAs(name=name, or_replace=True):
                queries = self._engine.queries.values()
                return [one.query_id for one in queries if one.target.name == name]
        return []

    def _require_possible(self, parsed: Parsed) -> None:
        """Raise SqlError where a statement cannot be taken, before it is written to the log."""
        if isinstance(parsed.statement, Drop):
            self._engine.queries.require_unused(parsed.statement)
        self._engine.session.require_possible(parsed.statement, parsed.text)

    def _note(self, statement: Statement, said: str, number: int) -> Entity:
        """Keep what became of a command, and return it as an answer."""
        name = command_id(statement)
        status: Entity = {"status": "SUCCESS", "message": said}
        ids = self._engine.queries
        query = next((one for one in ids if one.endswith(f"_{number}")), None)
        if query is not None and isinstance(statement, CreateAs | InsertInto):
            status["queryId"] = query
        self.statuses[name] = status
        return {
            "@type": "currentStatus",
            "statementText": "",
            "commandId": name,
            "commandStatus": status,
            "commandSequenceNumber": number,
            "warnings": [],
        }

    def _say(self, message: str) -> None:
        """Say what goes wrong, once for as long as it does."""
        if message != self._said:
            self._said = message
            self._report(message)


def _wait() -> None:
    """Do nothing: a server that begins has nothing yet that others could wait for."""

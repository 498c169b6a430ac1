"""The shell: statements that are typed, or come through a pipe, and what is answered."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

from eventlab.errors import EventlabError, SqlError
from eventlab.folders import data_folder, writing_to
from eventlab.sql.functions.registry import Functions
from eventlab.sql.grammar.parsing import Parsed, parse
from eventlab.sql.grammar.words import RESERVED
from eventlab.sql.server.addresses import SERVICE_ID
from eventlab.sql.server.held import SqlServer
from eventlab.sql.server.members import urls_of
from eventlab.sql.shell.client import Client, Refused
from eventlab.sql.shell.reading import is_whole, with_caret
from eventlab.sql.shell.tables import growing, shown, table
from eventlab.sql.syntax import Define, Print, Select, Set

WELCOME = """\
ksqlDB's dialect, our engine: not ksqlDB. Statements end with a semicolon.
Ctrl-C ends a query, help says more, exit leaves."""
HELP = """\
SHOW TOPICS;                      what the cluster has
CREATE STREAM orders (customer_id STRING, amount_cents INT)
  WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');
SELECT * FROM orders EMIT CHANGES;    rows as they come, until Ctrl-C
CREATE TABLE spent AS SELECT customer_id, SUM(amount_cents) AS cents
  FROM orders GROUP BY customer_id;   a query that stays
SELECT * FROM spent WHERE customer_id = 'c0001';    what is now
SHOW QUERIES; DESCRIBE spent; EXPLAIN …; SHOW FUNCTIONS; DESCRIBE FUNCTION SUM;
SET 'auto.offset.reset' = 'latest'; DEFINE shop = 'orders';    for this session"""
_LEAVING = ("exit", "quit")
_MORE_WORDS = ("EMIT", "CHANGES", "FINAL", "STREAM", "TABLE", "TERMINATE", "DESCRIBE", "EXPLAIN")

Write = Callable[[str], object]


class Shell:
    """Run texts of statements on a server, and write what it answers."""

    def __init__(self, client: Client, write: Write) -> None:
        self._client = client
        self._write = write

    def run(self, text: str) -> bool:
        """Run statements; at the first that fails write why, and return False."""
        try:
            for parsed in parse(text, self._client.variables):
                if not self._is_done(parsed, text):
                    return False
        except SqlError as error:
            self._fail(text, error.position, str(error))
            return False
        return True

    def names(self) -> list[str]:
        """Return the names of streams and tables, and of their columns."""
        try:
            entities = self._client.run("SHOW STREAMS EXTENDED; SHOW TABLES EXTENDED;")
        except (EventlabError, Refused):
            return []
        described = [one for entity in entities for one in entity["sourceDescriptions"]]
        columns = {field["name"] for one in described for field in one["fields"]}
        return sorted({one["name"] for one in described} | columns)

    def _is_done(self, parsed: Parsed, text: str) -> bool:
        try:
            self._do(parsed)
        except Refused as refused:
            self._fail(text, refused.position, str(refused))
            return False
        except EventlabError as error:
            self._fail(text, None, str(error))
            return False
        return True

    def _do(self, parsed: Parsed) -> None:
        text = _in_its_place(parsed)
        match parsed.statement:
            case Set(name, value):
                _keep(self._client.properties, name, value)
            case Define(name, value):
                _keep(self._client.variables, name, value)
            case Select(query) if query.emit is None:
                header, *rows = self._client.rows(text)
                self._write(table(header["columnNames"], rows))
            case Select():
                self._watch(text)
            case Print():
                self._print(text)
            case _:
                for entity in self._client.run(text):
                    self._write(shown(entity))

    def _watch(self, text: str) -> None:
        """Write rows as they come, until the query ends or is interrupted."""
        with closing(self._client.rows(text)) as rows:
            header: Any = next(rows)
            self._write_each(growing(header["columnNames"], rows))

    def _print(self, text: str) -> None:
        """Write a topic's records as they come, until they end or are interrupted."""
        with closing(self._client.lines(text)) as lines:
            self._write_each(line.decode(errors="replace").rstrip("\n") for line in lines)

    def _write_each(self, lines: Iterator[str]) -> None:
        try:
            for line in lines:
                self._write(line)
        except KeyboardInterrupt:
            self._write("The query is ended.")

    def _fail(self, text: str, position: tuple[int, int] | None, why: str) -> None:
        caret = with_caret(text, position)
        self._write(f"{caret}\n{why}" if caret else why)


def _in_its_place(parsed: Parsed) -> str:
    """Return a statement behind as many lines as in its text: the server counts them too."""
    line, column = parsed.position
    return "\n" * (line - 1) + " " * (column - 1) + f"{parsed.text};"


def _keep(values: dict[str, str], name: str, value: str | None) -> None:
    if value is None:
        values.pop(name, None)
    else:
        values[name] = value


@contextmanager
def server_at(url: str | None) -> Iterator[Client]:
    """Yield a client of the server at `url`, else of any that runs, else of one made here.

    Where the last one is gone, another is made for the next statement.
    """
    if url is not None:
        yield Client(url)
        return
    with ExitStack() as made:

        def others() -> list[str]:
            return urls_of(SERVICE_ID) or [made.enter_context(SqlServer(SERVICE_ID)).url]

        there = [one for one in urls_of(SERVICE_ID) if Client(one).is_there()]
        yield Client((there or others())[0], others)


def run_script(url: str | None, text: str, write: Write) -> bool:
    """Run the statements of a text; return whether all of them were done."""
    with server_at(url) as client:
        return Shell(client, write).run(text)


def converse(url: str | None) -> None:
    """Read statements from the terminal until `exit`, and show what they answer."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import FileHistory

    with server_at(url) as client:
        shell = Shell(client, print)
        words = [*RESERVED, *_MORE_WORDS, *(one.name for one in Functions.builtin().described())]
        with writing_to(data_folder() / "sql") as folder:
            session: PromptSession[str] = PromptSession(
                history=FileHistory(str(folder / "history")),
                completer=WordCompleter(lambda: words + shell.names(), ignore_case=True),
                complete_while_typing=False,
            )
        print(f"{WELCOME}\nThe server is at {client.url}.")
        _converse(shell, lambda prompt: session.prompt(prompt))


def _converse(shell: Shell, read: Callable[[str], str]) -> None:
    text = ""
    while True:
        try:
            text += read("...> " if text else "sql> ")
        except KeyboardInterrupt:
            text = ""
            continue
        except EOFError:
            return
        word = text.strip().rstrip(";").lower()
        if word in _LEAVING:
            return
        if word == "help":
            print(HELP)
        elif not word:
            pass
        elif not is_whole(text):
            text += "\n"
            continue
        else:
            shell.run(text)
        text = ""

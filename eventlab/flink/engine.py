"""Apache Flink as a notebook asks it: statements in its own SQL, and a lab's topics as tables."""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any, Self

from eventlab.arguments import (
    refused,
    required_duration,
    required_positive_number,
    required_whole_number,
)
from eventlab.checked import checked
from eventlab.errors import SqlError
from eventlab.flink.answers import Answer
from eventlab.flink.client import Client
from eventlab.flink.gateway import Gateway
from eventlab.flink.statements import split
from eventlab.flink.tables import LONGEST_WAIT, create_table, quoted
from eventlab.log import Topic

_PAUSE_SECONDS = 0.02
_MAKING_SECONDS = 120.0
_NO_TIME = timedelta(0)
_SAID = "result"  # the one column of a statement that answers with a sentence
_OK = "OK"


class Flink:
    """Apache Flink's SQL gateway in a process of its own, which ends with the notebook's kernel.

    `open_topic` returns one of the lab's topics by its name; `settings` are those of its cluster.
    Methods may be called from any thread.
    """

    def __init__(
        self, open_topic: Callable[[Topic | str], Topic], settings: Mapping[str, Any]
    ) -> None:
        self._open_topic = open_topic
        self._settings = settings
        self._gateway = Gateway()
        self._client: Client | None = None

    def __repr__(self) -> str:
        return f"Flink({self.url or 'not running'})"

    @property
    def url(self) -> str:
        """Return where its gateway is asked, for any other client; "" while it does not run."""
        return self._gateway.url if self.is_alive else ""

    @property
    def is_alive(self) -> bool:
        """Tell whether it takes statements."""
        return self._gateway.is_alive

    def start(self) -> Self:
        """Start it, and return when it takes statements. Raises SetupError and ServiceError."""
        if self._client is None:
            self._gateway.start()
            client = Client(self._gateway.url, self._gateway.lost)
            try:
                client.open_session()
            except BaseException:  # an interrupt too: nobody would ever end it
                self.stop()
                raise
            self._client = client
        return self

    def stop(self) -> None:
        """End it, with all that it runs and its tables; the topics stay."""
        self._gateway.stop()

    @checked
    def sql(
        self,
        statements: str,
        *,
        rows: int | None = None,
        timeout_seconds: float = 120.0,
        changes: bool = False,
    ) -> Any:
        """Run statements of Flink's SQL, and return what the last one gives, as a DataFrame.

        A query is read to its end; one that has none needs `rows`, and is ended when it has given
        so many. A row that is taken back goes; with `changes` each change is a row, with its sign
        first: +I, -U, +U or -D. A job that INSERT INTO starts goes on until `stop`. Raises SqlError
        for a mistake, and where the time is up, and ServiceError where Flink has ended.

        Examples:
            >>> lab.flink().sql("SELECT 1 + 1 AS two")  # doctest: +SKIP
               two
            0    2
        """
        most = None if rows is None else required_whole_number("rows", rows, at_least=1)
        seconds = required_positive_number("timeout_seconds", timeout_seconds)
        deadline = time.monotonic() + seconds
        last: Any = None
        for statement in _required_statements(statements):
            last = _shown(self._answer(statement, most, deadline, shows_changes=changes))
        return last

    @checked
    def table(
        self,
        name: str,
        columns: str,
        *,
        topic: Topic | str | None = None,
        wait: timedelta = _NO_TIME,
        bounded: bool = True,
    ) -> str:
        """Make a table of one of the lab's topics, anew, and return the statement that does it.

        `columns` are those of its JSON, in Flink's words: "country STRING, cents INT". The `topic`
        has the table's name, unless another is given. The time of a record is in record_time, and a
        window is over when one has come that is `wait` younger than its end. A `bounded` table ends
        with what the topic holds when a query begins; else it goes on with what comes. Raises
        SqlError, TopicError, UsageError and ServiceError.

        Examples:
            >>> print(lab.flink().table("orders", "cents INT"))  # doctest: +SKIP
            CREATE TABLE `orders` (
            ...
        """
        opened = self._open_topic(name if topic is None else topic)
        statement = create_table(
            name,
            columns,
            topic=opened.name,
            settings=self._settings,
            wait=required_duration("wait", wait, at_least=_NO_TIME, at_most=LONGEST_WAIT),
            bounded=bounded,
        )
        _ = opened.partitions  # Flink would say only at a query that there is no such topic
        deadline = time.monotonic() + _MAKING_SECONDS
        for one in (f"DROP TABLE IF EXISTS {quoted(name)}", statement):
            self._answer(one, None, deadline)
        return statement

    # -- how --------------------------------------------------------------------------------------

    def _answer(
        self, statement: str, most: int | None, deadline: float, *, shows_changes: bool = False
    ) -> Answer:
        """Return what a statement gives, `most` rows of it at most. Raises SqlError."""
        client = self._client
        if client is None or not self.is_alive:
            raise self._gateway.gone()
        answer = Answer(shows_changes=shows_changes)
        with closing(client.pages(statement)) as pages:
            for page in pages:
                answer.add(page, most)
                if page.is_last or (most is not None and len(answer) >= most):
                    break
                if time.monotonic() > deadline:
                    raise _too_long(statement, answer, most)
                if not page.changes:
                    time.sleep(_PAUSE_SECONDS)
        return answer


def _required_statements(text: str) -> list[str]:
    statements = split(text)
    if not statements:
        raise refused("statements", text, "at least one statement", '"SHOW TABLES"')
    return statements


def _shown(answer: Answer) -> Any:
    """Return a result as a DataFrame; print what is a sentence, but for OK."""
    if answer.is_query or [column.name for column in answer.columns] != [_SAID]:
        return answer.frame()
    for (said,) in answer.rows:
        if said != _OK:
            print(said)
    return None


def _too_long(statement: str, answer: Answer, most: int | None) -> SqlError:
    error = SqlError(
        "The time for this statement is up",
        expected="its end" if most is None else f"{most:,} rows, or its end",
        found=f"{len(answer):,} rows so far",
        remedy="Ask for fewer rows, such as rows=10: a query on a table that goes on has no end. "
        "Or wait longer: timeout_seconds=300.",
    )
    error.text = statement
    return error

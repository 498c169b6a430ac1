"""What one does with streaming SQL: run statements, see their rows, add functions of one's own."""

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from eventlab import log
from eventlab.checked import checked
from eventlab.errors import SqlError
from eventlab.lab.database_verbs import DatabaseVerbs
from eventlab.processes.closing import close_all

if TYPE_CHECKING:  # a chapter without SQL needs none of this
    from eventlab.lab.sql_cells import SqlCells
    from eventlab.pictures.plan_graph import PlanGraph
    from eventlab.pictures.pushed import PushPicture
    from eventlab.sql.answers import Answer, Explained
    from eventlab.sql.running.pushing import Push
    from eventlab.sql.schemas import Registry

Function = TypeVar("Function", bound=Callable[..., Any])
FunctionKind = Literal["scalar", "aggregate", "table"]


class SqlVerbs(DatabaseVerbs):
    """Ask topics in SQL: ksqlDB's dialect on our own engine, not ksqlDB; a part of Verbs."""

    _own_sql: "SqlCells | None" = None

    @abstractmethod
    def topic(self, name: log.Topic | str) -> log.Topic:
        """Return one of the chapter's topics."""

    @abstractmethod
    def _store(self, flow: str) -> Path:
        """Return where a flow keeps what it knows."""

    @checked
    def sql(self, statements: str, *, chart: bool = False) -> Any:
        """Run statements of ksqlDB's dialect on the chapter's topics, and return the last's answer.

        What a statement says is printed; rows are a DataFrame. EXPLAIN draws a plan on a page, and
        gives its rows elsewhere. A query with EMIT CHANGES is a live
        table, or a live `chart` of its first number, until it is stopped, its cell is run again,
        LIMIT is reached, or the lab closes; where there is no page it shows what came within a
        second or two. What a cell has started is replaced when that cell runs again, and what other
        cells have made of it begins anew. Raises SqlError, TopicError and BrokerError.

        Examples:
            >>> lab.sql("CREATE STREAM paid (cents INT) WITH (KAFKA_TOPIC='orders', "
            ...         "VALUE_FORMAT='JSON');")
            The stream PAID is there, over the topic orders
            >>> lab.sql("DESCRIBE paid;")
              COLUMN     TYPE   PART
            0  CENTS  INTEGER  value
        """
        self._opened.close_earlier()
        last: Any = None
        for answer in self._sql.run(statements):
            self._show_earlier(last)
            last = self._answered(answer, chart=chart)
        return last

    @checked
    def sql_function(
        self,
        function: Function | None = None,
        *,
        kind: FunctionKind | None = None,
        name: str | None = None,
        signature: str | None = None,
        takes_null: bool = False,
    ) -> Any:
        """Let statements call a function of Python's, by its own name or another; a decorator.

        A function gives a value, a class with begin(), add(state, …) and result(state) folds a
        group, and a function of kind="table" gives a list, of which each value is a row. The types
        are those of the annotations, or of a `signature` such as "(n INT) STRING". Without
        `takes_null` a NULL gives NULL, and calls nothing. Raises UsageError and SqlError.

        Examples:
            >>> @lab.sql_function
            ... def euros(cents: int) -> float:
            ...     return cents / 100
            >>> lab.sql("DESCRIBE FUNCTION euros;").SIGNATURE[0]
            '(cents BIGINT) DOUBLE'
        """
        from eventlab.sql.functions.own import add_own

        def added(one: Function) -> Function:
            add_own(
                self._sql.engine.session.functions,
                kind or ("aggregate" if isinstance(one, type) else "scalar"),
                one,
                name=name,
                signature=signature,
                takes_null=takes_null,
            )
            return one

        return added if function is None else added(function)

    # -- how --------------------------------------------------------------------------------------

    @property
    def _sql(self) -> "SqlCells":
        if self._own_sql is None:
            from eventlab.lab.sql_cells import SqlCells
            from eventlab.sql.engine import Engine

            engine = Engine(
                self.topic,
                store=self._store_of_query,
                begins_anew=True,
                registry=self._registry_of_sql,
            )
            self._own_sql = SqlCells(engine, print)
        return self._own_sql

    def _store_of_query(self, query_id: str) -> Path:
        """Return where a query keeps what it knows, so that it loses nothing while it is paused."""
        return self._store(f"sql.{query_id}")

    def _registry_of_sql(self) -> "Registry | None":
        """Return the registry of the lab, else the one that the environment names, if any."""
        from eventlab.sql.schemas import external_registry, registry_at

        own = self._newest_registry
        return external_registry() if own is None else registry_at(own.url)

    def _close_opened(self) -> None:
        cells = self._own_sql
        self._own_sql = None
        endings = [super()._close_opened]
        close_all(endings if cells is None else [cells.engine.close, *endings])

    def _answered(self, answer: "Answer", *, chart: bool) -> Any:
        """Show an answer as far as it is not a value."""
        from eventlab.sql.answers import Explained, Rows, Said

        match answer:
            case Said(text):
                print(text)
                return None
            case Explained():
                return self._explained(answer)
            case Rows():
                return answer.frame()
        return self._pushed(self._picture(answer, chart=chart))

    def _picture(self, push: "Push", *, chart: bool) -> "PushPicture":
        from eventlab.pictures.pushed import PushChart, PushTable

        try:
            return PushChart(push) if chart else PushTable(push)
        except SqlError:
            push.stop()
            raise

    def _pushed(self, picture: "PushPicture") -> "PushPicture":
        """Do with a push query's picture what is right here; an act returns it to its stage."""
        return picture

    def _explained(self, explained: "Explained") -> Any:
        """Do with a plan what is right here; an act returns its picture to its stage."""
        return self._plan_graph(explained)

    def _plan_graph(self, explained: "Explained") -> "PlanGraph":
        from eventlab.pictures.plan_graph import PlanGraph

        return PlanGraph(explained)

    def _show_earlier(self, value: Any) -> None:
        """Show a value that is not the last; only where there is a page."""

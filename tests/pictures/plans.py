"""Plans for the tests of their pictures: of statements, and of a query that only seems to run."""

from eventlab.sql.answers import Explained, table
from eventlab.sql.planning.describing import lines_of
from eventlab.sql.planning.graphs import Graph, graph_of
from eventlab.sql.planning.plans import steps_of
from eventlab.sql.running.counting import Counts
from eventlab.sql.running.standing import Standing
from tests.sql.planning.planning import SHELVES, SOURCES, plan_of, source_of

COUNTS = "SELECT item, COUNT(*) AS n FROM orders WHERE price > 10 GROUP BY item;"
JOINS = (
    "SELECT item, orders.id, shelf FROM orders JOIN payments WITHIN 1 HOUR ON id = order_id"
    " LEFT JOIN items ON item = code;"
)


class Flow:
    """A flow as far as a standing query sees one."""

    def __init__(self):
        self.is_alive, self.error = True, None

    def start(self):
        """Go on."""
        self.is_alive, self.error = True, None

    def stop(self):
        """End."""
        self.is_alive = False


def graph(query: str) -> Graph:
    """Return the graph of a statement that is not run."""
    return graph_of(plan_of(query, SOURCES, SHELVES), None)


def explained(query: str, *, runs: bool = False) -> Explained:
    """Return what EXPLAIN answers for a statement, or for a query that runs it."""
    plan = plan_of(query, SOURCES, SHELVES)
    target = source_of(SOURCES, name="STOCK") if runs else None
    standing = None
    if runs:
        standing = Standing("CTAS_STOCK_1", query, plan, target, make=lambda _part: Flow())
        standing.begin()
    rows = table(["STEP", "WHAT", "COLUMNS"], lines_of(plan))
    return Explained(rows.columns, rows.rows, plan, target, standing)


def let_give(standing: Standing, *numbers: int) -> None:
    """Let the steps of a query give so many rows more, as its flow would."""
    counts = standing.counted.setdefault(0, Counts())
    for step, number in zip(steps_of(standing.plan), numbers, strict=True):
        counts.counting(list, given=[step])([None] * number)

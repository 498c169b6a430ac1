"""Plans as graphs: topics, steps and what steps keep, with the ways of the rows between them."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from eventlab.moments import duration_words
from eventlab.sql.catalog import Source
from eventlab.sql.planning.plans import (
    Aggregate,
    Explode,
    JoinStreams,
    JoinTable,
    JoinTables,
    Project,
    Read,
    Rekey,
    Repartition,
    Step,
    Where,
    steps_of,
)
from eventlab.sql.planning.rows import Shape
from eventlab.sql.syntax import WindowClause, Within

NodeKind: TypeAlias = Literal["stream", "table", "step", "state", "answer"]
Join: TypeAlias = JoinStreams | JoinTable | JoinTables
Worker: TypeAlias = Join | Aggregate | Where | Rekey | Repartition | Explode | Project


@dataclass(frozen=True)
class Node:
    """A topic of a stream or a table, a step, the state that a step keeps, or the answer.

    `lines` say more of what `title` names.
    """

    name: str
    kind: NodeKind
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edge:
    """A way of rows from one node to another; those that this `step` of the plan gives.

    Between a step and its state go no rows of the plan: `step` is None.
    """

    begin: str
    end: str
    step: int | None = None


@dataclass
class Graph:
    """The nodes and the edges of a plan; of the edges that end at a join the left one is first."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    def ups(self, name: str) -> list[str]:
        """Return the nodes that rows come from to a node."""
        return [edge.begin for edge in self.edges if edge.end == name and edge.step is not None]

    def state(self, name: str) -> str | None:
        """Return the state of a node, None where it keeps nothing."""
        return next((e.end for e in self.edges if e.begin == name and e.step is None), None)


def graph_of(plan: Step, target: Source | None) -> Graph:
    """Return the graph of a plan, down to the topic that it writes, or to an answer that is shown.

    Edges have the numbers that EXPLAIN gives to the steps.
    """
    drawing = _Drawing(plan)
    last = drawing.drawn(plan)
    if target is None:
        drawing.add(Node("answer", "answer", "answer", ("rows, as they come",)), [last])
    else:
        drawing.add(_topic("target", target), [last])
    return drawing.graph


class _Drawing:
    def __init__(self, plan: Step) -> None:
        self.graph = Graph()
        self._numbers = {id(step): number for number, step in enumerate(steps_of(plan), 1)}

    def drawn(self, step: Step) -> tuple[str, int]:
        """Draw a step, and what it reads; return its node, and its number."""
        number = self._numbers[id(step)]
        match step:
            case Read():
                return self.add(_topic(str(number), step.source), []), number
            case JoinStreams() | JoinTable() | JoinTables():
                sides = [self.drawn(step.left), self.drawn(step.right)]
                name = self.add(Node(str(number), "step", *words_of(step)), sides)
                self._keep(name, _kept_of_join(step))
            case Aggregate():
                up = self.drawn(step.up)
                group = Node(f"{number} group", "step", "group", (f"by {step.by}",))
                brought = (self.add(group, [up]), up[1])
                name = self.add(Node(str(number), "step", *words_of(step)), [brought])
                self._keep(name, _kept_of_groups(step))
            case _:
                up = self.drawn(step.up)
                name = self.add(Node(str(number), "step", *words_of(step)), [up])
        return name, number

    def add(self, node: Node, ups: list[tuple[str, int]]) -> str:
        """Add a node, and the edges that lead to it; return its name."""
        self.graph.nodes.append(node)
        self.graph.edges += [Edge(begin, node.name, step) for begin, step in ups]
        return node.name

    def _keep(self, name: str, lines: tuple[str, ...]) -> None:
        state = Node(f"{name} state", "state", "state", lines)
        self.graph.nodes.append(state)
        self.graph.edges.append(Edge(name, state.name))


def _topic(name: str, source: Source) -> Node:
    return Node(name, source.kind, source.topic, (f"{source.kind} {source.name}",))


def words_of(step: Worker) -> tuple[str, tuple[str, ...]]:
    """Return what a step does, and the words of the statement for it."""
    match step:
        case JoinStreams() | JoinTable() | JoinTables():
            return _join(step)
        case Aggregate():
            return _fold(step)
        case Where():
            return "filter", (step.words,)
        case Rekey():
            return "new key", (step.words or "none",)
        case Repartition():
            topic = step.topic or "a topic of its own"
            return "repartition", (f"by {step.words}", f"through {topic}")
        case Explode():
            return "a row of each value", (step.words,)
        case Project():
            return "select", (_names(step.shape),)


def _names(shape: Shape) -> str:
    return ", ".join(one.name for one in shape.fields if not one.is_system)


# -- joins --------------------------------------------------------------------------------------


def _join(step: Join) -> tuple[str, tuple[str, ...]]:
    title = "join" if step.how == "inner" else f"{step.how} join"
    lines = [f"on {step.words}"]
    if isinstance(step, JoinStreams):
        lines.append(f"within {_within(step.within)}")
    if isinstance(step, JoinTables) and step.foreign_key is not None:
        lines.append("by a foreign key")
    return title, tuple(lines)


def _within(within: Within) -> str:
    if within.before == within.after:
        return duration_words(within.before)
    return f"{duration_words(within.before)} before, {duration_words(within.after)} after"


def _kept_of_join(step: Join) -> tuple[str, ...]:
    match step:
        case JoinStreams():
            return ("events that may find a partner",)
        case JoinTable():
            return (f"rows of {_source_name(step.right)}",)
        case JoinTables():
            return ("rows of both",)


def _source_name(step: Step) -> str:
    return step.source.name if isinstance(step, Read) else "the table"


# -- groups -------------------------------------------------------------------------------------


def _fold(step: Aggregate) -> tuple[str, tuple[str, ...]]:
    if step.window is None:
        return "aggregate", (step.words or "the newest row",)
    lines = [*_window_words(step.window), step.words]
    if step.is_final:
        lines.append("said when it is over")
    return "window", tuple(line for line in lines if line)


def _window_words(window: WindowClause) -> list[str]:
    size = duration_words(window.size)
    match window.kind:
        case "session":
            return ["session", f"ends after {size}"]
        case "hopping":
            return [f"hopping, {size}", f"every {duration_words(window.advance or 0)}"]
        case _:
            return [f"tumbling, {size}"]


def _kept_of_groups(step: Aggregate) -> tuple[str, ...]:
    each = "each group" if step.window is None else "each group and window"
    return (f"a result for {each}",)

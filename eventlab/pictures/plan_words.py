"""A plan's graph in a sentence or two, for those who cannot see it."""

from eventlab.sql.planning.graphs import Graph, Node


def plan_words(graph: Graph) -> str:
    """Return what a graph shows: from where rows come, what becomes of them, and where they go."""
    nodes = {node.name: node for node in graph.nodes}
    sources = [node for node in graph.nodes if not graph.ups(node.name) and node.kind != "state"]
    steps = [node for node in graph.nodes if node.kind == "step"]
    said = [_step(node, graph, nodes) for node in steps]
    come = " and ".join(_named(node) for node in sources)
    return f"Rows come from {come}. Then: {'; '.join(said)}. They go to {_named(graph.nodes[-1])}."


def _named(node: Node) -> str:
    if node.kind == "answer":
        return "the answer"
    return f"the topic {node.title}, {' '.join(node.lines)}"


def _step(node: Node, graph: Graph, nodes: dict[str, Node]) -> str:
    words = " ".join([node.title, ", ".join(node.lines)])
    ups = [nodes[up] for up in graph.ups(node.name)]
    if len(ups) > 1:
        words += f", with {_named(ups[1]) if ups[1].kind != 'step' else ups[1].title}"
    state = graph.state(node.name)
    return words if state is None else f"{words}, which keeps {' '.join(nodes[state].lines)}"

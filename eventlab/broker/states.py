"""What a supervisor reports of its nodes: the words that go over the wire, both ways of reading.

Standard library only: the supervisor needs it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

ENDED_BY_SIGNAL = "it was ended by signal"  # and no command of a user's was the cause

# From what changes by itself to what does not: the first that any node is in is that of them all.
# A failed start counts before a node that runs; one that runs before one that was stopped.
_ORDER = ["starting", "stopping", "failed", "running", "suspended", "stopped"]


@dataclass(frozen=True)
class NodeState:
    """One node: its number, its state and why it is in it, its port and its process id."""

    number: int = 1
    state: str = "unknown"
    reason: str = ""
    notice: str = ""
    port: int = 0
    pid: int | None = None


@dataclass(frozen=True)
class BrokerState:
    """All nodes as one broker, each of them, who uses it, and whether it stays without users.

    `port` and `pid` are those of the first node.
    """

    state: str = "unknown"
    reason: str = ""
    notice: str = ""
    port: int = 0
    pid: int | None = None
    users: list[str] = field(default_factory=list)
    kept: bool = False
    nodes: list[NodeState] = field(default_factory=list)

    def of(self, number: int | None) -> str:
        """Return the state of the node with this number, or that of them all for None."""
        if number is None or self.state == "lost":
            return self.state
        return next((node.state for node in self.nodes if node.number == number), "unknown")

    def lost(self) -> "BrokerState":
        """Return what is left to know when the supervisor is gone: where the broker was."""
        return BrokerState("lost", "its supervisor is gone", port=self.port)

    def message(self) -> dict[str, Any]:
        """Return it as the supervisor sends it."""
        return asdict(self)


def together(nodes: Sequence[NodeState], users: list[str], *, kept: bool) -> BrokerState:
    """Return the state of the broker that these nodes are."""
    first = nodes[0]
    leading = min(nodes, key=lambda node: _ORDER.index(node.state))
    return BrokerState(
        state=leading.state,
        reason=leading.reason,
        notice=" ".join(node.notice for node in nodes if node.notice),
        port=first.port,
        pid=first.pid,
        users=users,
        kept=kept,
        nodes=list(nodes),
    )


def read_state(message: dict[str, Any]) -> BrokerState:
    """Return what a message says. What another version of ours adds is passed over."""
    known = _known(BrokerState, message)
    nodes = [NodeState(**_known(NodeState, node)) for node in known.get("nodes", [])]
    return BrokerState(**known | {"nodes": nodes})


def _known(kind: type[BrokerState] | type[NodeState], message: dict[str, Any]) -> dict[str, Any]:
    names = {item.name for item in fields(kind)}
    return {name: message[name] for name in names & message.keys()}

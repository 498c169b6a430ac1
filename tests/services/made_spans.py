"""Spans made by hand, and a shop's worth of them with the record of what was done."""

import random
from dataclasses import dataclass, field

from eventlab.services.span import Span


class Made:
    """Make spans of one trace after another; ids are numbers."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def add(self, service, kind, start, duration=10, *, parent=None, trace=None, **fields) -> Span:
        """Add a span within `parent`, or in a trace of its own."""
        number = len(self.spans)
        span = Span(
            parent.trace_id if parent else trace or f"t{number}",
            f"s{number}",
            service,
            fields.pop("name", f"{service} {kind}"),
            kind,
            start,
            duration,
            parent_id=parent.span_id if parent else None,
            **fields,
        )
        self.spans.append(span)
        return span


@dataclass
class Shop(Made):
    """Many orders; `did` is the record: one row each call and each delivery, kept beside."""

    seed: int
    did: list[dict] = field(default_factory=list)

    def __post_init__(self) -> None:
        Made.__init__(self)
        self._random = random.Random(self.seed)
        for number in range(200):
            self._order(number, number * 1000)
        self._random.shuffle(self.spans)

    def _order(self, number: int, at: int) -> None:
        draw = self._random
        server = self.add("shop", "server", at, 900, key=f"o-{number}")
        self.did.append({"to": "shop", "kind": "outside", "error": False})
        for callee in draw.sample(["stock", "post", "bank"], draw.randrange(4)):
            self._call(server, callee, at + draw.randrange(100))
        if draw.random() < 0.7:
            self._publish(server, at + draw.randrange(100))

    def _call(self, parent: Span, callee: str, at: int) -> None:
        how = self._random.choice(["answered", "answered", "failed", "down", "late"])
        took = self._random.randrange(50, 500)
        error = how != "answered"
        call = self.add(
            "shop",
            "client",
            at,
            took,
            parent=parent,
            peer=callee,
            status="error" if error else "ok",
        )
        if how != "down":
            # Who answers too late knows nothing of its caller's patience.
            status = "error" if how == "failed" else "ok"
            self.add(callee, "server", at + 5, took // 2, parent=call, status=status)
        self.did.append(
            {"to": callee, "kind": "call", "error": error, "down": how == "down", "us": took}
        )

    def _publish(self, parent: Span, at: int) -> None:
        publishing = self.add("shop", "producer", at, 20, parent=parent, peer="orders")
        for reader in self._random.sample(["mail", "stock"], self._random.randrange(3)):
            wait = self._random.randrange(1, 3000)
            status = self._random.choice(["ok", "error"])
            self.add(
                *(reader, "consumer", at + 20 + wait),
                parent=publishing,
                peer="orders",
                status=status,
            )
            self.did.append({"to": reader, "kind": "topic", "error": status == "error", "us": wait})

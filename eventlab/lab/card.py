"""The card that Lab() shows: what runs, where, and what to do when it does not."""

from html import escape
from typing import Any

from eventlab.broker import Seat
from eventlab.lab.names import seat_name

_STYLE = (
    "display:inline-block;padding:.4em .8em;border:1px solid var(--jp-border-color1,#bbb);"
    "border-radius:4px;font-family:var(--jp-ui-font-family,sans-serif);font-size:13px"
)
_DOTS = {"running": "#009E73", "suspended": "#E69F00", "starting": "#E69F00"}


def card(chapter: str, broker: Seat) -> dict[str, Any]:
    """Return the card's mimebundle; its text/plain is constant, so that runs can be compared."""
    lines = [_first_line(chapter, broker), *_second_lines(chapter, broker)]
    body = "".join(f"<div>{line}</div>" for line in lines)
    return {
        "text/html": f'<div role="status" style="{_STYLE}">{body}</div>',
        "text/plain": f"Lab, chapter {chapter}",
    }


def plain_card(chapter: str, broker: Seat) -> str:
    """Return the card as one line of text, for a plain script."""
    where = f" at {broker.bootstrap_servers}" if broker.status == "running" else ""
    said = f"Lab, chapter {chapter}: Apache Kafka {broker.version} is {broker.status}{where}"
    return f"{said}. {broker.notice}" if broker.notice else said


def _first_line(chapter: str, broker: Seat) -> str:
    dot = f'<span style="color:{_DOTS.get(broker.status, "#D55E00")}">●</span>'
    parts = [f"<b>Apache Kafka {escape(broker.version)}</b> {escape(broker.status)}"]
    if broker.status == "running":
        parts.append(f"<code>{escape(broker.bootstrap_servers)}</code>")
    if broker.memory_megabytes:
        parts.append(f"{broker.memory_megabytes:.0f} MB")
    return " · ".join([f"{dot} {parts[0]}", *parts[1:], f"chapter {escape(chapter)}"])


def _second_lines(chapter: str, broker: Seat) -> list[str]:
    if broker.status in ("running", "starting", "stopping"):
        notices = [escape(broker.notice)] if broker.notice else []
        return notices + _twins(chapter, broker)
    wake = "resume" if broker.status == "suspended" else "start"
    return [
        f"{escape(broker.reason).capitalize()}. Go on with <code>lab.broker.{wake}()</code>: "
        "every acknowledged event is still there."
    ]


def _twins(chapter: str, broker: Seat) -> list[str]:
    if broker.users.count(seat_name(chapter)) < 2:
        return []
    return [
        f"Chapter {escape(chapter)} is open in another notebook too. The two share their topics, "
        "and would empty them for each other: shut one of them down."
    ]

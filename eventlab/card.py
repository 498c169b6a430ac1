"""The card that Lab() shows: what runs, where, and what to do when it does not."""

from html import escape
from typing import Any

_STYLE = (
    "display:inline-block;padding:.4em .8em;border:1px solid var(--jp-border-color1,#bbb);"
    "border-radius:4px;font-family:var(--jp-ui-font-family,sans-serif);font-size:13px"
)
_DOTS = {"running": "#009E73", "suspended": "#E69F00", "starting": "#E69F00"}


def card(chapter: str, broker) -> dict[str, Any]:
    """Return the card's mimebundle; its text/plain is constant, so that runs can be compared."""
    lines = [_first_line(chapter, broker), *_second_lines(chapter, broker)]
    body = "".join(f"<div>{line}</div>" for line in lines)
    return {
        "text/html": f'<div role="status" style="{_STYLE}">{body}</div>',
        "text/plain": f"Lab, chapter {chapter}",
    }


def _first_line(chapter: str, broker) -> str:
    dot = f'<span style="color:{_DOTS.get(broker.status, "#D55E00")}">●</span>'
    parts = [f"<b>Apache Kafka {escape(broker.version)}</b> {escape(broker.status)}"]
    if broker.status == "running":
        parts.append(f"<code>{escape(broker.bootstrap_servers)}</code>")
    if broker.memory_megabytes:
        parts.append(f"{broker.memory_megabytes:.0f} MB")
    return " · ".join([f"{dot} {parts[0]}", *parts[1:], f"chapter {escape(chapter)}"])


def _second_lines(chapter: str, broker) -> list[str]:
    if broker.status in ("running", "starting", "stopping"):
        return [escape(broker.notice)] * bool(broker.notice) + _twins(chapter, broker)
    wake = "resume" if broker.status == "suspended" else "start"
    return [
        f"{escape(broker.reason).capitalize()}. Go on with <code>lab.broker.{wake}()</code>: "
        "every acknowledged event is still there."
    ]


def _twins(chapter: str, broker) -> list[str]:
    if broker.users.count(seat_name(chapter)) < 2:
        return []
    return [
        f"Chapter {escape(chapter)} is open in another notebook too. The two share their topics, "
        "and would empty them for each other: shut one of them down."
    ]


def seat_name(chapter: str) -> str:
    """Return the name under which a chapter's notebook holds the broker."""
    return f"chapter {chapter}"

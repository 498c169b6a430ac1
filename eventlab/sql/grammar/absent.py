"""What ksqlDB understands and this engine does not: refused by its name."""

from eventlab.errors import SqlError
from eventlab.sql.grammar.cursor import Cursor

_CONNECTORS = "Write into the topic by a service, and CREATE STREAM over it."
_SCRIPTS = "A shell runs the statements of a file: eventlab sql < statements.sql"
_ABSENT = {
    ("CREATE", "SINK", "CONNECTOR"): _CONNECTORS,
    ("CREATE", "SOURCE", "CONNECTOR"): _CONNECTORS,
    ("DROP", "CONNECTOR"): _CONNECTORS,
    ("DESCRIBE", "CONNECTOR"): _CONNECTORS,
    ("SHOW", "CONNECTORS"): _CONNECTORS,
    ("SHOW", "SINK", "CONNECTORS"): _CONNECTORS,
    ("SHOW", "SOURCE", "CONNECTORS"): _CONNECTORS,
    ("SHOW", "CONNECTOR", "PLUGINS"): _CONNECTORS,
    ("ALTER", "SYSTEM"): "SET a property for the statements that follow.",
    ("RUN", "SCRIPT"): _SCRIPTS,
    ("SPOOL",): "Use the results as Python has them.",
}


def refuse_absent(cursor: Cursor) -> None:
    """Raise SqlError if a statement begins that ksqlDB has and this engine has not."""
    first = "SHOW" if cursor.at("LIST") else cursor.word()
    for words, remedy in _ABSENT.items():
        if words[0] == first and all(
            cursor.word(place) == word for place, word in enumerate(words) if place
        ):
            raise SqlError(
                f"{' '.join(words)} is not among the statements of this engine",
                expected="a statement of ksqlDB's dialect without connectors and scripts",
                found=f"`{' '.join(words)}`",
                remedy=remedy,
                position=cursor.position,
            )

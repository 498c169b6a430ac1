"""Short ways for the tests to say: this is understood as that, this is refused."""

import pytest

from eventlab.errors import SqlError
from eventlab.sql import syntax
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.syntax import Expression


def only(text: str, **variables: str) -> syntax.Statement:
    """Return the one statement of a text."""
    (parsed,) = parse(text, variables)
    return parsed.statement


def query(text: str) -> syntax.Query:
    """Return what a SELECT says."""
    statement = only(text)
    assert isinstance(statement, syntax.Select)
    return statement.query


def expression(text: str) -> Expression:
    """Return an expression, as an item of a query."""
    (item,) = query(f"SELECT {text} FROM s;").items
    assert isinstance(item, syntax.Item)
    assert item.alias is None
    return item.expression


def refused(text: str, **variables: str) -> SqlError:
    """Return the error about a text that is refused."""
    with pytest.raises(SqlError) as caught:
        parse(text, variables)
    assert caught.value.position is not None
    return caught.value


def said(node: Expression) -> str:
    """Write an expression with every pair of parentheses that its structure has."""
    name = type(node).__name__
    return _SAYINGS[name](node) if name in _SAYINGS else name


_SAYINGS = {
    "Constant": lambda node: repr(node.value),
    "Column": lambda node: f"{node.source}.{node.name}" if node.source else node.name,
    "Field": lambda node: f"{said(node.base)}->{node.name}",
    "Element": lambda node: f"{said(node.base)}[{said(node.index)}]",
    "Call": lambda node: f"{node.name}({', '.join(map(said, node.arguments))})",
    "Lambda": lambda node: f"({', '.join(node.parameters)} => {said(node.body)})",
    "Negative": lambda node: f"(-{said(node.operand)})",
    "Not": lambda node: f"(NOT {said(node.operand)})",
    "Arithmetic": lambda node: f"({said(node.left)} {node.operator} {said(node.right)})",
    "Comparison": lambda node: f"({said(node.left)} {node.operator} {said(node.right)})",
    "Logical": lambda node: f"({said(node.left)} {node.operator} {said(node.right)})",
    "IsNull": lambda node: f"({said(node.operand)} IS{_no(node)} NULL)",
}


def _no(node) -> str:
    return " NOT" if node.is_negated else ""

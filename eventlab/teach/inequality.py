"""The inequality of a claim: what has to be true of its figures, computed without running it.

It is written as Python writes it, with the names of the figures, numbers and texts, comparisons
(chained too), `and`, `or`, `not`, and `+ - * / // %`. Nothing else is read: no call, no attribute,
no index, no other name. So what decides a claim is what stands beside it as evidence.
"""

import ast
import math
import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

from eventlab.errors import UsageError, shown
from eventlab.teach.line import Figure

# Enough for a cell, and so few that the deepest one that can be written fits on the stack.
MOST_CHARACTERS = 300

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
# An operator has no place in the text; it is judged with the expression that holds it.
_JUDGED_ELSEWHERE = (ast.operator, ast.boolop, ast.cmpop, ast.unaryop, ast.expr_context)


def verdict(needs: str, figures: Mapping[str, Figure]) -> bool:
    """Tell whether an inequality is true of these figures.

    Raises UsageError for what is not in its grammar, for a name that is no figure, for text that
    is compared or computed with a number, for a division by zero, and where no figure decides.
    """
    tree = _parsed(needs)
    require_figures(needs, figures)
    found = _Evaluation(needs, figures).value(tree)
    if isinstance(found, bool):
        return found
    raise UsageError(
        "An inequality is true or false",
        expected="a comparison, or a figure that is True or False",
        found=f"{needs!r}, which is {found!r}",
        remedy="Compare it with the number that it has to reach.",
    )


def require_figures(needs: str, figures: Collection[str]) -> None:
    """Raise UsageError unless an inequality is in the grammar and names only these figures."""
    names = set()
    for node in ast.walk(_parsed(needs)):
        _require_allowed(needs, node)
        if isinstance(node, ast.Name):
            names.add(node.id)
    unknown = sorted(names - set(figures))
    if unknown:
        raise UsageError(
            f"The inequality names what is no figure of its claim: {', '.join(unknown)}",
            expected=f"one of {', '.join(figures) or 'none'}",
            found=shown(needs),
            remedy=f"Give it to the claim as a figure: {unknown[0]}=...",
        )
    if not names:
        raise UsageError(
            "An inequality without a figure cannot fail",
            expected=f"one of {', '.join(figures) or 'the figures'} in it",
            found=shown(needs),
            remedy="Name the figure that decides, such as needs='factor >= 3', factor=factor.",
        )


def _parsed(needs: object) -> ast.expr:
    if not isinstance(needs, str):
        raise _unreadable(type(needs).__name__)
    if len(needs) > MOST_CHARACTERS:
        raise _unreadable(f"{len(needs)} characters")
    if "#" in needs:
        raise _unreadable("a comment, which would be shown and decide nothing")
    try:
        return ast.parse(needs.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError) as error:
        raise _unreadable(f"{needs!r:.80} ({type(error).__name__})") from None


def _require_allowed(needs: str, node: ast.AST) -> None:
    if isinstance(node, (*_JUDGED_ELSEWHERE, ast.BoolOp, ast.Name)):
        return
    if isinstance(node, ast.Constant) and _is_plain(node.value):
        return
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARISONS for op in node.ops):
        return
    part = ast.get_source_segment(needs.strip(), node) or type(node).__name__
    raise _unreadable(f"{part:.80} in {needs!r:.80}")


def _is_plain(constant: object) -> bool:
    if isinstance(constant, float):
        return math.isfinite(constant)
    return isinstance(constant, int | str) and not isinstance(constant, bool)


class _Evaluation:
    """Compute one inequality on its figures, as Python would."""

    def __init__(self, needs: str, figures: Mapping[str, Figure]) -> None:
        self._needs = needs
        self._figures = figures

    def value(self, node: ast.expr) -> Any:
        """Return the value of a part whose grammar was looked at before."""
        match node:
            case ast.Constant():
                return node.value
            case ast.Name():
                return self._figures[node.id]
            case ast.BoolOp():
                return self._joined(node)
            case ast.UnaryOp():
                return self._signed(node)
            case ast.BinOp():
                return self._computed(node)
            case ast.Compare():
                return self._compared(node)
        raise AssertionError(f"{ast.dump(node)} was let through")

    def _joined(self, node: ast.BoolOp) -> Any:
        goes_on = isinstance(node.op, ast.And)
        for part in node.values:
            value = self.value(part)
            if bool(value) is not goes_on:
                break
        return value

    def _signed(self, node: ast.UnaryOp) -> Any:
        operand = self.value(node.operand)
        if isinstance(operand, str) and not isinstance(node.op, ast.Not):
            raise self._refused(node, "a text has no sign")
        return _UNARY[type(node.op)](operand)

    def _computed(self, node: ast.BinOp) -> Any:
        left = self.value(node.left)
        right = self.value(node.right)
        if isinstance(left, str) or isinstance(right, str):
            raise self._refused(node, "a text is no number to compute with")
        try:
            return _ARITHMETIC[type(node.op)](left, right)
        except ArithmeticError as error:
            raise self._refused(node, str(error)) from None

    def _compared(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for op, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part)
            if isinstance(left, str) is not isinstance(right, str):
                raise self._refused(node, "a text cannot be compared with a number")
            if not _COMPARISONS[type(op)](left, right):
                return False
            left = right
        return True

    def _refused(self, node: ast.expr, why: str) -> UsageError:
        names = sorted({part.id for part in ast.walk(node) if isinstance(part, ast.Name)})
        figures = ", ".join(f"{name} {self._figures[name]!r:.40}" for name in names)
        part = ast.get_source_segment(self._needs.strip(), node)
        return UsageError(
            f"The inequality {part} cannot be computed: {why}",
            expected="numbers beside numbers, texts beside texts, and no division by zero",
            found=figures or "no figure in it",
            remedy="Mend the figures, or say what they need in another way.",
        )


def _unreadable(found: str) -> UsageError:
    return UsageError(
        "This is no inequality of figures",
        expected="figures, numbers and texts with < <= == != >= >, and, or, not, + - * / // %",
        found=found,
        remedy="Compute everything else before the claim, and give it as a figure.",
    )

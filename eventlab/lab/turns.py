"""What a learner turns on a stage: arguments of the act, each with a few values."""

from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.arguments import refused
from eventlab.lab.acts import Act, Kind, defaults_of, value_words, with_arguments
from eventlab.live.director import Turn

_EXAMPLE = '{"services": [2, 4, 8]}'


class Turns:
    """The arguments of an act that can be turned, each from its default on.

    Raises UsageError for what the act does not have, and for values without the default.
    """

    def __init__(self, act: Act, turn: Mapping[str, Sequence[Any]]) -> None:
        if not isinstance(turn, Mapping):
            raise refused("turn", turn, "a dict of values, by the argument of the act", _EXAMPLE)
        defaults = defaults_of(act)
        for name in turn:
            if name not in defaults:
                some = ", ".join(defaults) or "none"
                expected = f"arguments of the act that have a default: {some}"
                raise refused("turn", turn, expected, _EXAMPLE)
        self._values = {name: _required(values, defaults[name]) for name, values in turn.items()}
        self._defaults = {name: defaults[name] for name in turn}
        self._now = dict(self._defaults)

    def shown(self) -> list[Turn]:
        """Return them as a stage shows them."""
        return [
            Turn(
                name.replace("_", " "),
                [value_words(value) for value in values],
                values.index(self._now[name]),
            )
            for name, values in self._values.items()
        ]

    def to(self, name: str, value: Any) -> None:
        """Give an argument another of its values. Raises UsageError."""
        if name not in self._values:
            raise refused("name", name, " or ".join(map(repr, self._values)) or "none", '"..."')
        if value not in self._values[name]:
            some = " or ".join(map(value_words, self._values[name]))
            raise refused("value", value, some, repr(self._values[name][0]))
        self._now[name] = value

    def applied(self, kind: Kind) -> Kind:
        """Return a run as it is turned; what breaks it stays."""
        own = {
            name: value
            for name, value in self._now.items()
            if kind.arguments.get(name, self._defaults[name]) == self._defaults[name]
        }
        return with_arguments(kind, own)

    def at(self, shown: str, number: int) -> tuple[str, Any]:
        """Return the argument that is shown so, and its value of this number."""
        name = next(one for one in self._values if one.replace("_", " ") == shown)
        return name, self._values[name][number]


def _required(values: Any, default: Any) -> list[Any]:
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise refused("turn", values, "values, in order, for each argument", _EXAMPLE)
    if default not in values:
        raise refused("turn", values, f"the default among the values: {default!r}", _EXAMPLE)
    return list(values)

"""What an annotation allows: whether a value is of that kind, how one calls it, and an example.

Not typeguard's or beartype's business: they take True for a whole number, NaN for a number and a
dict for a list, refuse numpy's numbers, and name the annotation where a learner needs an example.
"""

import builtins
import types
import typing
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeVar

from eventlab.arguments import (
    is_finite_number,
    is_missing,
    is_moment,
    is_text,
    is_truth_value,
    is_whole_number,
)


class Kind(NamedTuple):
    """What a value may be: what takes it, its name as a noun phrase, and an example in Python."""

    takes: Callable[[Any], bool]
    words: str
    example: str


ANYTHING = Kind(lambda found: True, "anything", "None")

_PLAIN: dict[Any, Kind] = {
    type(None): Kind(lambda found: found is None, "None", "None"),
    bool: Kind(is_truth_value, "True or False", "True"),
    int: Kind(is_whole_number, "a whole number", "1"),
    float: Kind(is_finite_number, "a number", "1"),
    str: Kind(is_text, "text", '"orders"'),
    bytes: Kind(lambda found: isinstance(found, bytes), "bytes", 'b"..."'),
    datetime: Kind(is_moment, "a datetime with its time zone", "datetime(2026, 1, 31, tzinfo=UTC)"),
    timedelta: Kind(
        lambda found: isinstance(found, timedelta) and not is_missing(found),
        "a timedelta",
        "timedelta(seconds=10)",
    ),
    types.UnionType: Kind(
        lambda found: isinstance(found, types.UnionType), "several as A | B", "Order | Payment"
    ),
}

# What learners have, in their own words; any other class is called by its name.
_WORDS = {
    "BaseException": ("an exception", 'ValueError("...")'),
    "Cluster": ("a cluster", "lab.cluster"),
    "Contract": ("a contract", "registry.contract(topic, schema)"),
    "Dataflow": ("a flow", 'Dataflow("orders")'),
    "Event": ("an event", "Order(...)"),
    "Follower": ("a follower", "follow(topic, print)"),
    "Iterable": ("a list, a generator or the like", "[order]"),
    "Mapping": ("a dict", "{...}"),
    "Path": ("a path", 'Path("folder")'),
    "Rows": ("a view", 'lab.view("sold", count, of="orders")'),
    "Running": ("a running flow", "lab.run(flow)"),
    "Collection": ("a list", "[...]"),
    "Sequence": ("a list", "[...]"),
    "Store": ("a store", 'SQLite("create table ...")'),
    "Stream": ("a stream of a flow", 'op.input("in", flow, source)'),
    "Table": ("a table", 'lab.table("orders")'),
    "Topic": ("a topic", 'lab.topic("orders")'),
    "View": ("a view", 'View("sold", count, of=topic)'),
    "Widget": ("a widget", "ipywidgets.Button()"),
    "Windows": ("a kind of windows", "Tumbling(timedelta(minutes=1))"),
    "dict": ("a dict", "{...}"),
    "list": ("a list", "[...]"),
    "set": ("a set", "{...}"),
    "tuple": ("a tuple", "(...,)"),
}


def kind_of(annotation: Any, names: Mapping[str, Any]) -> Kind:
    """Return what an annotation allows; `names` are those of the module that it stands in."""
    kinds = list(_kinds(annotation, names))
    if ANYTHING in kinds:
        return ANYTHING
    words = list(dict.fromkeys(kind.words for kind in kinds))
    return Kind(
        lambda found: any(kind.takes(found) for kind in kinds),
        f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0],
        kinds[0].example,
    )


def _kinds(annotation: Any, names: Mapping[str, Any]) -> Iterator[Kind]:
    """Yield what an annotation allows, each of several."""
    origin = typing.get_origin(annotation)
    parts = typing.get_args(annotation)
    if isinstance(annotation, str):
        for name in annotation.split(" | "):
            yield from _of_name(name, names)
    elif isinstance(annotation, typing.ForwardRef):
        yield from _of_name(annotation.__forward_arg__, names)
    elif origin in (typing.Union, types.UnionType):
        for part in parts:
            yield from _kinds(part, names)
    elif annotation in (Any, object) or isinstance(annotation, TypeVar):
        yield ANYTHING
    elif origin is not None:
        yield _of_parts(origin, parts, names)
    else:
        yield _PLAIN.get(annotation) or _of_class(annotation)


def _of_name(name: str, names: Mapping[str, Any]) -> Iterator[Kind]:
    """Yield what a name in quotes allows; what is imported for mypy alone is known by its name."""
    known = None if name == "None" else names.get(name, getattr(builtins, name, name))
    if known != name:
        yield from _kinds(type(None) if known is None else known, names)
        return

    def takes(found: Any) -> bool:
        return any(one.__name__ == name for one in type(found).__mro__)

    yield Kind(takes, *_said(name))


def _of_class(kind: Any) -> Kind:
    if kind is Callable or kind is typing.Callable:
        return Kind(callable, "a function", "print")
    if not getattr(kind, "_is_protocol", False):
        return Kind(lambda found: isinstance(found, kind), *_said(kind.__name__))
    members = sorted(_members(kind))
    return Kind(
        lambda found: all(hasattr(found, member) for member in members),
        f"something with {', '.join(members)}",
        "...",
    )


def _members(protocol: Any) -> set[str]:
    members = [vars(one) for one in protocol.__mro__ if getattr(one, "_is_protocol", False)]
    names = {name for one in members for name in [*one, *one.get("__annotations__", ())]}
    return {name for name in names if not name.startswith("_")}


def _of_parts(origin: Any, parts: tuple[Any, ...], names: Mapping[str, Any]) -> Kind:
    if origin is Literal:
        words = " or ".join(map(repr, parts))
        return Kind(lambda found: isinstance(found, str) and found in parts, words, repr(parts[0]))
    if origin is type:
        return _class_of(parts[0])
    if origin in (Callable, typing.Callable):
        return _of_class(Callable)
    if not issubclass(origin, Iterable) or origin in (Iterable, Iterator):
        return _of_items(origin)  # what is lazy is looked at when it is read
    return _holding(origin, parts, names)


def _class_of(annotation: Any) -> Kind:
    kind: Any = annotation.__bound__ if isinstance(annotation, TypeVar) else annotation

    def takes(found: Any) -> bool:
        return isinstance(found, type) and issubclass(found, kind)

    return Kind(takes, f"a class of {kind.__name__}", "Order")


def _of_items(origin: Any) -> Kind:
    return Kind(lambda found: _is_holder(found, origin), *_said(origin.__name__))


def _holding(origin: Any, parts: tuple[Any, ...], names: Mapping[str, Any]) -> Kind:
    """Return the kind of what holds others, each of which is looked at too."""
    inner = [kind_of(part, names) for part in parts if part is not ...]
    is_pair = origin is tuple and ... not in parts
    words, example = _said(origin.__name__)
    of = " and ".join(dict.fromkeys(kind.words for kind in inner if kind is not ANYTHING))

    def takes(found: Any) -> bool:
        if not _is_holder(found, origin):
            return False
        if isinstance(found, Mapping):
            key, value = inner
            return all(key.takes(k) and value.takes(v) for k, v in found.items())
        if is_pair:
            return len(found) == len(inner) and _all(inner, found)
        return _all(inner * len(found), found)

    return Kind(takes, f"{words} of {of}" if of else words, example)


def _is_holder(found: Any, origin: Any) -> bool:
    """Tell whether it holds others; a text and a dict are one thing, and not a list of several."""
    if isinstance(found, str | bytes) or not isinstance(found, origin):
        return False
    return not isinstance(found, dict) or issubclass(origin, Mapping)


def _all(kinds: Sequence[Kind], found: Collection[Any]) -> bool:
    return all(kind.takes(one) for kind, one in zip(kinds, found, strict=True))


def _said(name: str) -> tuple[str, str]:
    article = "an" if name[:1] in "AEIOU" else "a"
    return _WORDS.get(name, (f"{article} {name}", f"{name}(...)"))

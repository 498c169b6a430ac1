"""How far a view is: for each partition the offset of the record that it takes next.

Within this room a position has its topics; a learner whose view is of one topic need not name it.
"""

import re
from collections.abc import Mapping

from eventlab.arguments import is_whole_number, refused
from eventlab.errors import UsageError, shown

Offsets = dict[int, int]
Places = dict[str, Offsets]  # by topic
Position = int | dict[int, int] | dict[str, dict[int, int]]
PublicPosition = dict[int, int] | dict[str, dict[int, int]]

_OFFSET = re.compile(r"\d{1,18}")
_PAIR = re.compile(r"(?:(?P<topic>[a-zA-Z0-9._-]+)/)?(?P<partition>\d{1,9}):(?P<offset>\d{1,18})")


def public(places: Places) -> PublicPosition:
    """Return a position as it is shown: of one topic its offsets, of several each with its name."""
    if len(places) == 1:
        (offsets,) = places.values()
        return dict(offsets)
    return {topic: dict(offsets) for topic, offsets in places.items()}


def placed(name: str, position: object, known: Places) -> Places:
    """Return what a learner says of a position, with its topics; `known` has all there are.

    A number counts for every partition. Raises UsageError for what is no position of this view.
    """
    if is_whole_number(position):
        return _everywhere(name, int(position), known)
    if not isinstance(position, Mapping):
        raise refused(name, position, "an offset, or a dict of offsets by partition", "{0: 17}")
    if all(isinstance(key, str) for key in position):
        return {topic: _offsets(name, position[topic], topic, known) for topic in position}
    return {_only_topic(name, position, known): _of_one(name, position, known)}


def reached(at: Places, wanted: Places) -> bool:
    """Tell whether all before a position has been taken."""
    return all(
        at.get(topic, {}).get(number, 0) >= offset
        for topic, offsets in wanted.items()
        for number, offset in offsets.items()
    )


def distance(at: Places, end: Places) -> int:
    """Return how many offsets lie between a position and a later one."""
    return sum(
        max(0, offset - at.get(topic, {}).get(number, 0))
        for topic, offsets in end.items()
        for number, offset in offsets.items()
    )


def later(one: Places, other: Places) -> Places:
    """Return the later offset of both for each partition."""
    return {
        topic: {
            number: max(one.get(topic, {}).get(number, 0), other.get(topic, {}).get(number, 0))
            for number in sorted({*one.get(topic, {}), *other.get(topic, {})})
        }
        for topic in {**one, **other}
    }


def as_text(places: Places) -> str:
    """Return a position as a header of HTTP has it: "0:17,1:4", or "orders/0:17,payments/0:3"."""
    several = len(places) > 1
    return ",".join(
        f"{topic}/{number}:{offset}" if several else f"{number}:{offset}"
        for topic, offsets in places.items()
        for number, offset in sorted(offsets.items())
    )


def from_text(text: str, known: Places) -> Places:
    """Return the position that a text names, in the form of `as_text`, or one offset alone.

    Raises UsageError.
    """
    if _OFFSET.fullmatch(text):
        return placed("at-least", int(text), known)
    position: Places = {}
    for part in text.split(","):
        pair = _PAIR.fullmatch(part.strip())
        if pair is None:
            raise refused("at-least", text, "an offset, or partition:offset", '"0:17"')
        topic = pair["topic"] or _only_topic("at-least", text, known)
        number = int(pair["partition"])
        if number in position.setdefault(topic, {}):
            raise refused("at-least", text, "one offset for each partition", '"0:17,1:4"')
        position[topic][number] = int(pair["offset"])
    return placed("at-least", position, known)


def _everywhere(name: str, offset: int, known: Places) -> Places:
    if offset < 0:
        raise refused(name, offset, "an offset, 0 or more", "17")
    return {topic: dict.fromkeys(offsets, offset) for topic, offsets in known.items()}


def _of_one(name: str, position: object, known: Places) -> Offsets:
    return _offsets(name, position, _only_topic(name, position, known), known)


def _only_topic(name: str, position: object, known: Places) -> str:
    if len(known) == 1:
        return next(iter(known))
    raise refused(name, position, f"the topics too: {' and '.join(known)}", '{"orders": {0: 17}}')


def _offsets(name: str, offsets: object, topic: str, known: Places) -> Offsets:
    if topic not in known:
        raise UsageError(
            f"The view is not built from {topic}",
            expected=" or ".join(known),
            found=shown(topic),
            remedy="Name a topic that the view is of.",
        )
    if not isinstance(offsets, Mapping):
        raise refused(name, offsets, "a dict of offsets by partition", "{0: 17}")
    for number, offset in offsets.items():
        _require_place(name, topic, number, offset, known[topic])
    return {int(number): int(offset) for number, offset in offsets.items()}


def _require_place(name: str, topic: str, number: object, offset: object, known: Offsets) -> None:
    if number not in known:
        raise UsageError(
            f"{topic} has no partition {shown(number)}",
            expected=f"some of {sorted(known)}",
            found=shown(number),
            remedy="Look at the topic's partitions: topic.describe().",
        )
    if not is_whole_number(offset) or offset < 0:
        raise refused(name, offset, "an offset, 0 or more", "{0: 17}")

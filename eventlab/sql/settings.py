"""The properties of a session, which SET and UNSET change: what they are, and what holds now.

Those of `EFFECTIVE` change what a query gives, or what a statement makes. All others are known by
name, so that statements written for ksqlDB run: the first records that a query reads are the
engine's matter, and what is said of threads, caches and the like has nothing to change here.
Source: ksqlDB's reference, "Configure ksqlDB".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal, NamedTuple

from eventlab.errors import SqlError, shown

COLLECT_LIST_LIMIT = "ksql.functions.collect_list.limit"
COLLECT_SET_LIMIT = "ksql.functions.collect_set.limit"
KEY_FORMAT = "ksql.persistence.default.format.key"
VALUE_FORMAT = "ksql.persistence.default.format.value"
WRAP_SINGLE_VALUES = "ksql.persistence.wrap.single.values"
TOPIC_PREFIX = "ksql.output.topic.name.prefix"
STRICT_TIMES = "ksql.timestamp.throw.on.invalid"
OFFSET_RESET = "auto.offset.reset"

_BOOLEANS = ("true", "false")
_FORMATS = ("JSON", "DELIMITED", "KAFKA", "AVRO", "NONE")
_NUMBER = ("a whole number",)
_STREAMS = "ksql.streams."


class Setting(NamedTuple):
    """A property: what holds unless SET says otherwise, and what it may be; `()` is any text."""

    default: str
    choices: tuple[str, ...] = ()


EFFECTIVE = {
    # ksqlDB begins at the latest; who learns wants to see what is there.
    OFFSET_RESET: Setting("earliest", ("earliest", "latest")),
    COLLECT_LIST_LIMIT: Setting("1000", _NUMBER),
    COLLECT_SET_LIMIT: Setting("1000", _NUMBER),
    KEY_FORMAT: Setting("KAFKA", _FORMATS),
    VALUE_FORMAT: Setting("", _FORMATS),
    WRAP_SINGLE_VALUES: Setting("true", _BOOLEANS),
    TOPIC_PREFIX: Setting(""),
    STRICT_TIMES: Setting("false", _BOOLEANS),
}
# There is one way to do these, and a statement that asks for the other one is refused.
_FIXED = {
    "ksql.create.or.replace.enabled": Setting("true", ("true",)),
    "ksql.functions.substring.legacy.args": Setting("false", ("false",)),
    "ksql.windowed.session.key.legacy": Setting("false", ("false",)),
}
_WITHOUT_EFFECT = {
    "cache.max.bytes.buffering": Setting("0", _NUMBER),
    "commit.interval.ms": Setting("1000", _NUMBER),
    "ksql.new.query.planner.enabled": Setting("false", _BOOLEANS),
    "ksql.query.pull.max.allowed.offset.lag": Setting("9223372036854775807", _NUMBER),
    "ksql.query.pull.table.scan.enabled": Setting("true", _BOOLEANS),
    "ksql.query.push.v2.enabled": Setting("false", _BOOLEANS),
    "ksql.query.retry.backoff.initial.ms": Setting("15000", _NUMBER),
    "ksql.query.retry.backoff.max.ms": Setting("900000", _NUMBER),
    "ksql.sink.partitions": Setting("", _NUMBER),
    "ksql.sink.replicas": Setting("", _NUMBER),
    "ksql.sink.window.change.log.additional.retention": Setting("1000000", _NUMBER),
    "ksql.suppress.buffer.size.bytes": Setting("-1", _NUMBER),
    "ksql.suppress.enabled": Setting("true", _BOOLEANS),
    "max.poll.records": Setting("500", _NUMBER),
    "num.stream.threads": Setting("1", _NUMBER),
    "processing.guarantee": Setting("at_least_once", ("at_least_once", "exactly_once_v2")),
    "use.exact.numeric.comparison": Setting("true", _BOOLEANS),
}
KNOWN = EFFECTIVE | _FIXED | _WITHOUT_EFFECT


class Shown(NamedTuple):
    """What SHOW PROPERTIES shows of one property."""

    name: str
    value: str
    default: str
    has_effect: bool


@dataclass
class Settings:
    """What SET has said, by name; everything else is as it is by default."""

    given: dict[str, str] = field(default_factory=dict)

    def set(self, name: str, value: str | None) -> None:
        """Keep the value of a property; None, which UNSET gives, makes it the default again.

        Raises SqlError for a name that is not known, and for a value that it cannot have.
        """
        known = _known(name)
        if value is None:
            self.given.pop(_plain(name), None)
            return
        _require_possible(name, known, value)
        self.given[_plain(name)] = value

    def text(self, name: str) -> str | None:
        """Return what a property is now, None where nothing is said and there is no default."""
        return self.given.get(name, KNOWN[name].default) or None

    def boolean(self, name: str) -> bool:
        """Return whether a property is true now."""
        return str(self.text(name)).lower() == "true"

    @property
    def start(self) -> Literal["earliest", "latest"]:
        """Return from where on a query reads that begins now."""
        return "latest" if str(self.text(OFFSET_RESET)).lower() == "latest" else "earliest"

    def is_given(self, name: str) -> bool:
        """Tell whether SET has said what a property is."""
        return name in self.given

    def rows(self) -> list[Shown]:
        """Return every property as SHOW PROPERTIES shows it, by name."""
        names = sorted({*KNOWN, *self.given})
        return [self._shown(name) for name in names]

    def _shown(self, name: str) -> Shown:
        default = KNOWN[name].default if name in KNOWN else ""
        return Shown(name, self.given.get(name, default), default, name in EFFECTIVE)


def _plain(name: str) -> str:
    """Return the one name of a property that ksqlDB also knows with its prefix."""
    without = name.removeprefix(_STREAMS)
    return without if without in KNOWN else name


def _known(name: str) -> Setting:
    known: Mapping[str, Setting] = KNOWN
    if _plain(name) in known:
        return known[_plain(name)]
    if name.startswith(_STREAMS):
        return Setting("")
    nearest = get_close_matches(name, known, n=3, cutoff=0.5)
    raise SqlError(
        f"There is no property {name}",
        expected=", ".join(nearest) or "a property that SHOW PROPERTIES lists",
        found=name,
        remedy="SHOW PROPERTIES lists all that there are.",
    )


def _require_possible(name: str, known: Setting, value: str) -> None:
    if known.choices == _NUMBER:
        is_possible = value.removeprefix("-").isdecimal()
    else:
        is_possible = not known.choices or value.lower() in map(str.lower, known.choices)
    if not is_possible:
        raise SqlError(
            f"The property {name} cannot be what it is set to",
            expected=" or ".join(known.choices),
            found=shown(value),
            remedy=f"SET '{name}' = '{known.default or known.choices[0]}';",
        )

"""What can go wrong, as one tree: each error says what was expected, what was found, what to do.

```text
EventlabError
├── SetupError              this machine lacks something: Python, Java, jars, space
│   ├── JavaError           no Java that can run Kafka
│   ├── DownloadError       the jars could not be fetched, or are not what the lock says
│   └── StorageError        a folder cannot be written, or the disk is full
├── BrokerError             Apache Kafka did not start, is stopped, or cannot be reached
├── DatabaseError           PostgreSQL did not start, is stopped, or cannot be reached
├── LogError                a topic, a group or a message is not as asked for
│   ├── TopicError          no such topic, or a topic that cannot be made as asked
│   ├── DeliveryError       messages were not acknowledged (its `report` says which)
│   ├── ContractError       a contract is no schema, breaks those before it, or cannot read an event
│   └── FencedError         a newer producer of the same transactional id has taken over
├── FlowError               a flow ended because one of its steps failed
│   ├── RecoveryError       a recovery store is not that of this flow
│   └── ProcessEndedError   a process of a flow was ended from outside
├── SqlError                a statement is not understood, or cannot be done (its `position`)
├── ServiceError            a service did not start, or has ended by itself
│   └── CallError           a call to a service has failed (its `reason` says how)
├── ViewError               a view does not go on (its `place` says at which event)
├── EventError              an event breaks its contract
├── ChartError              a chart or a control cannot show what it was given
├── ChapterError            a chapter, a claim or an exercise is not as it should be
└── UsageError              a call with a wrong argument (also a ValueError)
    └── FoldError           a view's function returns what it should have done
```
"""

from collections.abc import Mapping
from typing import Any, Protocol


class EventlabError(Exception):
    """Say in one breath what happened, what was expected, what was found and what to do.

    `summary` is a clause without a full stop; `expected` and `found` are noun phrases;
    `remedy` is a whole sentence. Notebooks show these four and no traceback.
    """

    def __init__(
        self, summary: str, *, expected: str = "", found: str = "", remedy: str = ""
    ) -> None:
        self.summary = summary
        self.expected = expected
        self.found = found
        self.remedy = remedy
        super().__init__(self._sentence())

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments do not survive the default pickling between processes.
        return (_rebuild, (type(self), self.__dict__))

    def _sentence(self) -> str:
        facts = []
        if self.expected:
            facts.append(f"expected {self.expected}")
        if self.found:
            facts.append(f"found {self.found}")
        happened = f"{self.summary}: {', '.join(facts)}" if facts else self.summary
        return f"{happened}. {self.remedy}" if self.remedy else happened

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


def _rebuild(kind: type[EventlabError], state: dict[str, Any]) -> EventlabError:
    error = kind(state["summary"])
    error.__dict__.update(state)
    error.args = (error._sentence(),)
    return error


def shown(found: object, most: int = 60) -> str:
    """Return a value as an error shows it: in one line, not too long, whatever its class does."""
    try:
        text = repr(found)
    except Exception:  # what cannot be shown is wrong all the same, and has to be named
        text = f"something of the class {type(found).__name__} that cannot be shown"
    return f"{' '.join(text.split()):.{most}}".encode(errors="backslashreplace").decode()


class SetupError(EventlabError):
    """Report that this machine lacks something that eventlab needs."""


class JavaError(SetupError):
    """Report that no Java was found that can run Kafka."""


class DownloadError(SetupError):
    """Report that the jars could not be fetched or are not what the lock says."""


class StorageError(SetupError):
    """Report that a folder cannot be written or that the disk is full."""


class BrokerError(EventlabError):
    """Report that Apache Kafka did not start, is stopped, or cannot be reached."""


class DatabaseError(EventlabError):
    """Report that PostgreSQL did not start, is stopped, or cannot be reached."""


class LogError(EventlabError):
    """Report that a topic, a group or a message is not as asked for."""


class TopicError(LogError):
    """Report that a topic does not exist or cannot be made as asked."""


class DeliveryCounts(Protocol):
    """What the report of a DeliveryError has: how many records were sent, and what became of them.

    `partitions` counts the acknowledged ones by partition, `reasons` the failed ones by reason.
    """

    @property
    def sent(self) -> int: ...  # noqa: D102  the class says it
    @property
    def acknowledged(self) -> int: ...  # noqa: D102
    @property
    def failed(self) -> int: ...  # noqa: D102
    @property
    def waiting(self) -> int: ...  # noqa: D102
    @property
    def reasons(self) -> Mapping[str, int]: ...  # noqa: D102
    @property
    def partitions(self) -> Mapping[int, int]: ...  # noqa: D102


class DeliveryError(LogError):
    """Report that messages were not acknowledged; `report` says which."""

    def __init__(self, summary: str, *, report: DeliveryCounts | None = None, **parts: str) -> None:
        self.report = report
        super().__init__(summary, **parts)


class ContractError(LogError):
    """Report that a contract is no schema, breaks those before it, or cannot read an event."""


class FencedError(LogError):
    """Report that a newer producer of the same transactional id has taken over."""


class FlowError(EventlabError):
    """Report that a flow ended because one of its steps failed."""


class RecoveryError(FlowError):
    """Report that a recovery store is not that of this flow."""


class ProcessEndedError(FlowError):
    """Report that a process of a flow was ended from outside."""


class SqlError(EventlabError):
    """Report that a statement is not understood, or asks for what cannot be done.

    `position` is the line and the column, from 1, at which it stands; None where that is unknown.
    Where `text` is set to what was to be run, a notebook shows that line with a caret under it.
    """

    def __init__(
        self,
        summary: str,
        *,
        expected: str = "",
        found: str = "",
        remedy: str = "",
        position: tuple[int, int] | None = None,
    ) -> None:
        self.position = position
        self.text = ""
        super().__init__(summary, expected=expected, found=found, remedy=remedy)

    def _render_traceback_(self) -> list[str]:
        """Return the line with its caret, and below it what was expected, found, and to do."""
        facts = {"expected": self.expected, "found": self.found, "to do": self.remedy}
        lines = [f"  {name + ':':<10}{fact}" for name, fact in facts.items() if fact]
        return [f"{type(self).__name__}: {self.summary}", *self._underlined(), *lines]

    def _underlined(self) -> list[str]:
        lines = self.text.splitlines()
        line, column = self.position or (0, 0)
        if not 1 <= line <= len(lines):
            return []
        return [f"  {line} | {lines[line - 1]}", " " * (len(f"  {line} | ") + column - 1) + "^"]

    def _sentence(self) -> str:
        sentence = super()._sentence()
        if self.position is None:
            return sentence
        line, column = self.position
        return f"Line {line}, column {column}: {sentence}"


class ServiceError(EventlabError):
    """Report that a service did not start, or has ended by itself."""


class CallError(ServiceError):
    """Report that a call has failed: `reason` in a word or two, `status` if there was an answer.

    The reasons are "refused", "reset", "timeout", "too many", "breaker open", "answer" (one that
    cannot be read), and "status 503" or another one.
    """

    def __init__(
        self, summary: str, *, reason: str = "", status: int | None = None, **parts: str
    ) -> None:
        self.reason = reason
        self.status = status
        super().__init__(summary, **parts)


class ViewError(EventlabError):
    """Report that a view does not go on; `place` says at which event, where it was one."""

    def __init__(self, summary: str, *, place: Any = None, **parts: str) -> None:
        self.place = place
        super().__init__(summary, **parts)


class EventError(EventlabError):
    """Report that an event breaks its contract."""


class ChartError(EventlabError):
    """Report that a chart or a control cannot show what it was given."""


class ChapterError(EventlabError):
    """Report that a chapter, a claim or an exercise is not as it should be."""


class UsageError(EventlabError, ValueError):
    """Report a call with a wrong argument."""


class FoldError(UsageError):
    """Report that a view's function returns what it should have done."""

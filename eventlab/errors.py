"""What can go wrong, as one tree: each error says what was expected, what was found, what to do.

EventlabError
├── SetupError              this machine lacks something: Python, Java, jars, space
│   ├── JavaError           no Java that can run Kafka
│   ├── DownloadError       the jars could not be fetched, or are not what the lock says
│   └── StorageError        a folder cannot be written, or the disk is full
├── BrokerError             Apache Kafka did not start, is stopped, or cannot be reached
├── LogError                a topic, a group or a message is not as asked for
│   ├── TopicError          no such topic, or a topic that cannot be made as asked
│   ├── DeliveryError       messages were not acknowledged (its `report` says which)
│   └── FencedError         a newer producer of the same transactional id has taken over
├── FlowError               a flow ended because one of its steps failed
│   ├── RecoveryError       a recovery store is not that of this flow
│   └── ProcessEndedError   a process of a flow was ended from outside
├── EventError              an event breaks its contract
├── ChartError              a chart or a control cannot show what it was given
├── ChapterError            a chapter, a claim or an exercise is not as it should be
└── UsageError              a call with a wrong argument (also a ValueError)
"""


class EventlabError(Exception):
    """Say in one breath what happened, what was expected, what was found and what to do.

    `summary` is a clause without a full stop; `expected` and `found` are noun phrases;
    `remedy` is a whole sentence. Notebooks show these four and no traceback.
    """

    def __init__(self, summary: str, *, expected: str = "", found: str = "", remedy: str = ""):
        self.summary, self.expected, self.found, self.remedy = summary, expected, found, remedy
        super().__init__(self._sentence())

    def __reduce__(self):
        # Keyword-only arguments do not survive the default pickling between processes.
        return (_rebuild, (type(self), self.__dict__))

    def _sentence(self) -> str:
        facts = [f"expected {self.expected}"] if self.expected else []
        facts += [f"found {self.found}"] if self.found else []
        return (
            self.summary
            + (": " + ", ".join(facts) if facts else "")
            + (". " + self.remedy if self.remedy else "")
        )

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints in place of a traceback."""
        return [f"{type(self).__name__}: {self}"]


def _rebuild(kind: type[EventlabError], state: dict) -> EventlabError:
    error = kind(state["summary"])
    error.__dict__.update(state)
    error.args = (error._sentence(),)
    return error


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


class LogError(EventlabError):
    """Report that a topic, a group or a message is not as asked for."""


class TopicError(LogError):
    """Report that a topic does not exist or cannot be made as asked."""


class DeliveryError(LogError):
    """Report that messages were not acknowledged; `report` says which."""

    def __init__(self, summary: str, *, report=None, **parts: str):
        self.report = report
        super().__init__(summary, **parts)


class FencedError(LogError):
    """Report that a newer producer of the same transactional id has taken over."""


class FlowError(EventlabError):
    """Report that a flow ended because one of its steps failed."""


class RecoveryError(FlowError):
    """Report that a recovery store is not that of this flow."""


class ProcessEndedError(FlowError):
    """Report that a process of a flow was ended from outside."""


class EventError(EventlabError):
    """Report that an event breaks its contract."""


class ChartError(EventlabError):
    """Report that a chart or a control cannot show what it was given."""


class ChapterError(EventlabError):
    """Report that a chapter, a claim or an exercise is not as it should be."""


class UsageError(EventlabError, ValueError):
    """Report a call with a wrong argument."""

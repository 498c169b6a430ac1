"""What a server does not do, as the answer that ksqlDB's clients read."""

from typing import Any

from eventlab.errors import BrokerError, EventlabError, SqlError

BAD_REQUEST = 40000
BAD_STATEMENT = 40001
QUERY_ENDPOINT = 40002
FORBIDDEN = 40300
NOT_FOUND = 40400
NOT_ACCEPTABLE = 40600
SERVER_ERROR = 50000


class Refusal(Exception):
    """An answer that says why: `code` is the status and two digits more, as ksqlDB's are."""

    def __init__(self, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.code = code
        self._message = message
        self._more = more

    @property
    def status(self) -> int:
        """Return HTTP's status."""
        return self.code // 100

    @property
    def fields(self) -> dict[str, Any]:
        """Return the answer; `stackTrace` is empty, but older clients read it."""
        kind = "statement_error" if "statementText" in self._more else "generic_error"
        return {
            "@type": kind,
            "error_code": self.code,
            "message": self._message,
            "stackTrace": [],
            **self._more,
        }


def refusal(
    error: EventlabError, text: str | None = None, entities: list[dict[str, Any]] | None = None
) -> Refusal:
    """Return what an error of ours says about a statement, after what was done before it."""
    more: dict[str, Any] = {}
    if text is not None:
        more = {"statementText": text, "entities": entities or []}
    if isinstance(error, SqlError) and error.position is not None:
        more["line"], more["column"] = error.position
    code = SERVER_ERROR if isinstance(error, BrokerError) else BAD_STATEMENT
    return Refusal(code, str(error), **more)

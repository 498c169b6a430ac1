"""A service that answers over HTTP, as the notebook knows it."""

import http.client
import json
from typing import Any, Self

from eventlab.arguments import required_positive_number
from eventlab.checked import checked
from eventlab.errors import CallError, shown
from eventlab.processes.forking import Forking
from eventlab.services.app import require_app
from eventlab.services.inside import Place
from eventlab.services.life import Life
from eventlab.services.ports import LOOPBACK, Port
from eventlab.services.requests import Sent, sent
from eventlab.services.service import Service

_ASK_SECONDS = 5.0
_MOST_ASK_SECONDS = 86_400.0
_MOST_SHOWN = 300  # letters of an answer that says no


class HttpService(Service):
    """Serve an app on a port of loopback that stays its own; see `Service` for the rest."""

    _module = "eventlab.services.server"

    @checked
    def __init__(self, app: Any, place: Place, forking: Forking, port: Port) -> None:
        require_app(app)
        super().__init__(place, forking)
        self._take(app)
        self._port = port

    @property
    def port(self) -> int:
        """Return its port, which stays the same over restarts."""
        return self._port.number

    @property
    def url(self) -> str:
        """Return its address, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.port}"

    @checked
    def redeploy(self, app: Any) -> Self:
        """Let another app take its place: the old one ends when the new one takes requests.

        Where the new one does not start the old one stays, and ServiceError is raised.
        """
        require_app(app)
        with self._lock:
            self._require_going_on()
            before = self._taken
            self._take(app)
            try:
                life = self._begun()
            except BaseException:  # an interrupt too
                self._taken = before
                raise
            self._become(life)
            return self

    @checked
    def ask(
        self,
        path: str = "/",
        *,
        json: Any = None,
        method: str | None = None,
        timeout_seconds: float = _ASK_SECONDS,
    ) -> Any:
        """Return what it answers, from JSON; with `json` the request is a POST with that body.

        It asks once. Raises CallError when there is no answer, or one of status 400 and above.
        """
        required_positive_number("timeout_seconds", timeout_seconds, at_most=_MOST_ASK_SECONDS)
        return _asked(self, sent(path, json, method), timeout_seconds)

    def _begun(self) -> "Life":
        listener = self._port.bound()
        try:
            return self._launched([listener.fileno()])
        finally:
            listener.close()  # the process has its own


def _asked(service: HttpService, request: Sent, timeout_seconds: float) -> Any:
    line = http.client.HTTPConnection(LOOPBACK, service.port, timeout=timeout_seconds)
    try:
        line.request(request.method, request.path, request.body, request.headers)
        answer = line.getresponse()
        text = answer.read()
    except TimeoutError:
        raise _no_answer(service, "timeout", f"none in {timeout_seconds:g} s") from None
    except ConnectionRefusedError as error:
        raise _no_answer(service, "refused", str(error)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _no_answer(service, "reset", f"{type(error).__name__}: {error}") from None
    finally:
        line.close()
    if answer.status >= 400:
        words = f"status {answer.status} {text.decode(errors='replace'):.{_MOST_SHOWN}}"
        raise _no_answer(service, f"status {answer.status}", words, answer.status)
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise _no_answer(service, "answer", f"{shown(text)}, which is no JSON") from None


def _no_answer(
    service: HttpService, reason: str, found: str, status: int | None = None
) -> CallError:
    # What failed in it earlier says nothing of a process that is gone.
    tells = service.state == "failed" or reason.startswith("status 5")
    why = service.error if tells else None
    return CallError(
        f"The call to {service.name} failed",
        expected="an answer",
        found=found,
        remedy=f"The service is {service.state}." if why is None else f"In the service: {why}",
        reason=reason,
        status=status,
    )

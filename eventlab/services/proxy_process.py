"""The owner's side of the proxy's process: commands go there, each is answered, and it ends."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from eventlab.errors import EventlabError, ServiceError
from eventlab.processes.child import Child, spawn

_ANSWER_SECONDS = 10.0


class ProxyProcess:
    """Run `eventlab.services.proxy`, and ask it; all methods may be called from any thread.

    `start` begins it. Once it is gone, whoever asks or waits gets a ServiceError, also kept in
    `error`, which stays None when it was stopped.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._answers: dict[int, Future[Any]] = {}
        self._number = 0
        self._has_ended = threading.Event()
        self._is_stopped = False
        self._error: EventlabError | None = None

    @property
    def pid(self) -> int | None:
        """Return its id, None before the start."""
        return None if self._child is None else self._child.pid

    @property
    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self._child is not None and not self._has_ended.is_set()

    @property
    def error(self) -> EventlabError | None:
        """Return what ended it, None if nothing did, or it was stopped."""
        return self._error

    def start(self, commands: Iterable[object]) -> None:
        """Spawn it, and return when it has done these; a second call does nothing."""
        with self._lock:
            if self._child is not None or self._is_stopped:
                return
            self._child = spawn("eventlab.services.proxy")
            self._child.listen("answers of the proxy", self._take, self._on_end)
        self._wait_for([self._send(command) for command in commands])

    def ask(self, command: object) -> Any:
        """Let it do something, and return its answer; None before the start."""
        if self._child is None:
            return None
        return self._wait_for([self._send(command)])[0]

    def stop(self) -> None:
        """End it; a second call does nothing."""
        self._is_stopped = True
        if self._child is not None:
            self._child.end()
            self._has_ended.wait(_ANSWER_SECONDS)

    def _send(self, command: object) -> "Future[Any]":
        answer: Future[Any] = Future()
        with self._lock:
            self._number += 1
            self._answers[self._number] = answer
            if self._child is not None:
                self._child.send((self._number, command))
        if self._has_ended.is_set():
            self._fail_answers()
        return answer

    def _wait_for(self, answers: "list[Future[Any]]") -> list[Any]:
        try:
            return [answer.result(_ANSWER_SECONDS) for answer in answers]
        except TimeoutError:
            raise ServiceError(
                f"The proxy (pid {self.pid}) does not answer",
                expected=f"an answer within {_ANSWER_SECONDS:g} s",
                found="none",
                remedy="Stop it and make a new Proxy().",
            ) from None

    # These two never wait for the lock, whose holder may wait for what they bring.

    def _take(self, frame: tuple[int, object]) -> None:
        number, result = frame
        answer = self._answers.pop(number)
        if isinstance(result, Exception):
            answer.set_exception(_failure(result))
        else:
            answer.set_result(result)

    def _on_end(self, status: int, error: BaseException | None) -> None:
        if not self._is_stopped:
            self._error = _ended(f"signal {-status}" if status < 0 else f"status {status}")
        self._has_ended.set()
        self._fail_answers()

    def _fail_answers(self) -> None:
        while self._answers:
            with suppress(KeyError):  # the other thread was here first
                _, answer = self._answers.popitem()
                answer.set_exception(self._error or _ended("it was stopped"))


def _ended(found: str) -> ServiceError:
    return ServiceError(
        "The proxy's process is gone",
        expected="one that runs until it is stopped",
        found=found,
        remedy="Let it begin again: proxy.start(), or lab.link(...). Until then its ports refuse.",
    )


def _failure(error: Exception) -> EventlabError:
    if isinstance(error, EventlabError):
        return error
    return ServiceError(
        "The proxy cannot do that",
        expected="a command that it takes",
        found=f"{type(error).__name__}: {error}",
        remedy="Stop it and make a new Proxy().",
    )

"""A service as the notebook knows it: a process that is started, killed and started again."""

import sys
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import IO, NamedTuple, Self

import cloudpickle

from eventlab.errors import EventlabError, ServiceError, UsageError
from eventlab.processes.child import Child, spawn
from eventlab.processes.forking import CAN_FORK, Forking
from eventlab.processes.own_lines import Sources, notebook_sources
from eventlab.services.consuming import Consuming
from eventlab.services.inside import Place
from eventlab.services.life import Life, ProcessLife, State
from eventlab.services.plan import Plan


class _Taken(NamedTuple):
    """What a service runs, pickled, and the lines of the cells that it may come from."""

    work: bytes
    sources: Sources


class Service(ABC):
    """A service in a process of its own, which ends with the notebook's kernel.

    `state` says how it fares; `error` what ended it, or what failed in it last. All methods may be
    called from any thread.
    """

    _module: str

    def __init__(self, place: Place, forking: Forking) -> None:
        self.name = place.name
        self._place = place
        self._forking = forking
        self._lock = threading.RLock()
        self._life: Life | None = None
        self._is_retired = False
        self._taken = _Taken(b"", {})

    # -- what one sees --------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Return how it fares."""
        return "new" if self._life is None else self._life.state

    @property
    def has_log_link(self) -> bool:
        """Tell whether its way to the log can be broken."""
        return self._place.has_log_link

    @property
    def is_alive(self) -> bool:
        """Tell whether its process is there, and not frozen."""
        return self.state in ("starting", "up")

    @property
    def pid(self) -> int | None:
        """Return its process id, None when it has none."""
        life = self._life
        return None if life is None or life.has_ended.is_set() else life.pid

    @property
    def error(self) -> EventlabError | None:
        """Return what ended it, or else what has failed in it last; None if nothing did."""
        return None if self._life is None else self._life.error

    @property
    def failures(self) -> int:
        """Return how many requests or events have failed in it since it was started."""
        return 0 if self._life is None else self._life.failures

    @property
    def output(self) -> str:
        """Return the end of what it has printed, and of what its libraries say."""
        return "" if self._life is None else self._life.output()

    # -- what one can do ------------------------------------------------------------------------

    def start(self) -> Self:
        """Start it, and return when it takes requests or events; one that is up stays as it is.

        Raises ServiceError with the learner's own line where it does not start.
        """
        with self._lock:
            if self._life is None or self._life.has_ended.is_set():
                self._require_going_on()
                self._become(self._begun())
            return self

    def retire(self) -> None:
        """Let it never be started again: the lab, or the run of an experiment, has ended."""
        self._is_retired = True

    def ask_to_stop(self) -> None:
        """Ask it to end in peace, and return at once."""
        with self._lock:
            if self._life is not None:
                self._life.ask_to_stop()

    def stop(self) -> None:
        """End it in peace: what is under way is finished, for a second or two."""
        with self._lock:
            if self._life is not None:
                self._life.stop()

    def kill(self) -> None:
        """End its process as kill -9 or a crash does; what it had in memory is gone."""
        with self._lock:
            if self._life is not None:
                self._life.kill()

    def suspend(self) -> None:
        """Freeze its process (SIGSTOP): it is there, and says nothing."""
        with self._lock:
            if self._life is not None:
                self._life.suspend()

    def resume(self) -> None:
        """Let it go on where it was frozen."""
        with self._lock:
            if self._life is not None:
                self._life.resume()

    def restart(self) -> Self:
        """End it in peace, and start it again."""
        with self._lock:
            self.stop()
            return self.start()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.state})"

    # -- how ------------------------------------------------------------------------------------

    def _require_going_on(self) -> None:
        if self._is_retired:
            raise ServiceError(
                f"The service {self.name!r} cannot begin",
                expected="a lab, or a run of an experiment, that goes on",
                found="one that has ended",
                remedy="Run the cell again that begins it.",
            )

    def _take(self, work: object) -> None:
        self._taken = _Taken(_pickled(self.name, work), notebook_sources())

    def _plan(self, descriptor: int = -1) -> Plan:
        taken = self._taken
        return Plan(self._place, taken.work, list(sys.path), taken.sources, descriptor)

    @abstractmethod
    def _begun(self) -> "Life":
        """Return a run that has begun."""

    def _launched(self, descriptors: Sequence[int] = ()) -> "Life":
        output = tempfile.TemporaryFile("ab+", buffering=0)  # noqa: SIM115  its Life closes it
        try:
            child, numbers = self._child(output, descriptors)
        except OSError as error:
            output.close()
            raise ServiceError(
                f"The service {self.name!r} did not start",
                expected="a process for it",
                found=str(error),
                remedy="Close what else runs on this machine, and start it again.",
            ) from None
        life = ProcessLife(self.name, child, output)
        try:
            life.begin(self._plan(*numbers))
        except BaseException:  # its error has what there is to say
            life.close()
            raise
        return life

    def _become(self, life: Life) -> None:
        """Let this be its life from now on; the one before is forgotten."""
        before = self._life
        self._life = life
        if before is not None:
            before.stop()
            before.close()

    def _child(self, output: IO[bytes], descriptors: Sequence[int]) -> tuple[Child, Sequence[int]]:
        if CAN_FORK:
            return self._forking.fork(self._module, errors=output, descriptors=descriptors)
        return spawn(self._module, errors=output, descriptors=descriptors), descriptors


class EventService(Service):
    """Consume a topic in a group of its own, at least once; see `Service` for the rest."""

    _module = "eventlab.services.consuming"

    def __init__(self, work: Consuming, place: Place, forking: Forking) -> None:
        super().__init__(place, forking)
        self.group = work.group
        self._consuming = work
        self._take(work)

    def _begun(self) -> "Life":
        return self._launched()


def _pickled(name: str, work: object) -> bytes:
    try:
        data: bytes = cloudpickle.dumps(work)
    except Exception as error:  # whatever an object of the learner's raises there
        raise UsageError(
            f"The service {name!r} cannot be sent to a process of its own",
            expected="functions that use what can be pickled: functions, numbers, settings",
            found=f"{type(error).__name__}: {error}",
            remedy="Make such objects inside of the functions, or when the app starts.",
        ) from None
    return data

"""Which parts of queries this server runs: the servers of an id share them, and take over.

Each part has the lock of a file, which whoever runs it holds; it is free as soon as that process is
gone, however it went. All servers compute alike how many each may have, so that those who have too
many let go, and the others take what is free.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from eventlab.errors import BrokerError, DeliveryError, EventlabError, FlowError, shown
from eventlab.flows.recovery import forget
from eventlab.folders import writing_to
from eventlab.processes.locking import locked
from eventlab.sql.running.standing import Standing, least_of
from eventlab.sql.server.members import Members, Work

_EPOCHS = 2  # the one in which a part began to stand still has been kept by then
_REST_SECONDS = 5.0
_END_SECONDS = 5.0
_LOOK_SECONDS = 0.01
_AGAIN_SECONDS = 5.0


@dataclass
class _Held:
    """A part that runs here: its lock, and from when on it stands still to be let go."""

    query: Standing
    part: int
    lock: TextIO
    epochs: int | None = None
    since: float = field(default_factory=time.monotonic)

    @property
    def is_leaving(self) -> bool:
        return self.epochs is not None

    @property
    def ended_epochs(self) -> int:
        flow = self.query.flows.get(self.part)
        return 0 if flow is None else flow.epochs

    @property
    def has_lost_the_log(self) -> bool:
        """Tell whether Kafka was away for longer than its flow waits.

        What Kafka has refused it would refuse again, and the records around it be written again.
        """
        error = self.query.error_of(self.part)
        if isinstance(error, DeliveryError):
            return error.report is not None and not error.report.failed
        return isinstance(error, BrokerError)

    @property
    def has_rested(self) -> bool:
        """Tell whether all that was read is kept, so that nothing is done twice."""
        assert self.epochs is not None
        flow = self.query.flows.get(self.part)
        is_kept = self.ended_epochs >= self.epochs + _EPOCHS
        is_late = time.monotonic() > self.since + _REST_SECONDS
        return is_kept or is_late or flow is None or not flow.is_alive


class Sharing:
    """Run the parts that this server is to run; call it from one thread.

    `folder` is that of the id, in which a part keeps what it knows by its name. `catch_up` is
    called before anything is taken over, so that nothing is that has ended.
    """

    def __init__(
        self,
        folder: Path,
        members: Members,
        queries: Mapping[str, Standing],
        catch_up: Callable[[], object],
        report: Callable[[str], object],
    ) -> None:
        self._folder = folder
        self._locks = folder / "tasks"
        self._members = members
        self._queries = queries
        self._catch_up = catch_up
        self._report = report
        self._held: dict[str, _Held] = {}
        self._there: list[str] = []
        self._tried = time.monotonic()

    @property
    def is_alone(self) -> bool:
        """Tell whether no other server was there at the last look."""
        return len(self._there) == 1

    def others(self) -> list[str]:
        """Return the addresses of the other servers that are there now."""
        return [one for one in self._members.there() if one != self._members.address]

    def join(self) -> None:
        """Be one of those who share, and clear away what is of no query. Have the turn.

        Raises StorageError.
        """
        known = {name for query in self._queries.values() for name in query.tasks}
        kept = {path.name for path in self._folder.iterdir() if path.is_dir()}
        with writing_to(self._locks):
            names = kept | {path.name for path in self._locks.iterdir()}
            self._forget(names - known - {self._locks.name, self._members.folder.name})
        self._members.join()

    def look(self) -> None:
        """Let go of what is too much, take what is free and due, and say what is done here."""
        for name in [name for name, one in self._held.items() if not self._is_known(one)]:
            self._forget_held(name)
        self._there = self._members.there()
        if self._members.address not in self._there:  # it is on its way in, or out
            return
        names = [name for query in self._queries.values() for name in query.tasks]
        due = self._due(len(names))
        let_go = self._let_go(due)
        self._members.say(self._own_works())
        for lock in let_go:  # now that nobody says any more that they run here
            lock.close()
        self._take(names, due)
        self._begin_again()
        self._members.say(self._own_works())

    def works(self) -> dict[str, list[Work]]:
        """Return what each server does, this one as it is now."""
        found = {one: self._members.work_of(one) for one in self._members.there()}
        found[self._members.address] = self._own_works()
        return found

    def positions_elsewhere(self, query_id: str) -> dict[tuple[str, int], int]:
        """Return what the other servers have read for a query, by topic and partition."""
        works = [work for one in self.others() for work in self._members.work_of(one)]
        return least_of(
            {(topic, partition): offset for topic, partition, offset in work.positions}
            for work in works
            if work.query_id == query_id
        )

    def forget(self, ended: Iterable[str]) -> None:
        """Return when nobody runs these parts any more, and what they knew is forgotten.

        A server that does not let go of one within some seconds is reported.
        """
        left = set(ended)
        for name in left & self._held.keys():
            self._forget_held(name)
            left.discard(name)
        deadline = time.monotonic() + _END_SECONDS
        while left := self._forget(left):
            if time.monotonic() > deadline:
                names = ", ".join(sorted(left))
                self._report(f"{names} has ended, but another server still runs it")
                return
            time.sleep(_LOOK_SECONDS)

    def leave(self) -> None:
        """Let go of all; what runs here has to have ended."""
        for one in self._held.values():
            one.lock.close()
        self._held.clear()
        self._members.leave()

    # -- how many, and which --------------------------------------------------------------------

    def _is_known(self, one: _Held) -> bool:
        return self._queries.get(one.query.query_id) is one.query

    def _due(self, number: int) -> int:
        """Return how many of so many parts this server is to run."""
        share, rest = divmod(number, len(self._there))
        return share + (self._there.index(self._members.address) < rest)

    def _let_go(self, due: int) -> list[TextIO]:
        """Return the locks of those that have ended here, of which there were too many."""
        staying = [name for name, one in self._held.items() if not one.is_leaving]
        for name in staying[due:]:
            one = self._held[name]
            one.query.leaving.add(one.part)
            one.epochs = one.ended_epochs
            one.since = time.monotonic()
        rested = [name for name, one in self._held.items() if one.is_leaving and one.has_rested]
        let_go = [self._held.pop(name) for name in rested]
        for one in let_go:
            one.query.end(one.part)
        return [one.lock for one in let_go]

    def _take(self, names: list[str], due: int) -> None:
        wanted = due - sum(not one.is_leaving for one in self._held.values())
        if wanted <= 0:
            return
        taken: dict[str, TextIO] = {}
        # Each looks first at others, so that they seldom want the same, and a query is spread.
        first = names[self._there.index(self._members.address) :: len(self._there)]
        for name in dict.fromkeys([*first, *names]):
            if len(taken) < wanted and name not in self._held:
                lock = locked(self._locks / name)
                if lock is not None:
                    taken[name] = lock
        if taken:
            self._begin_all(taken)

    def _begin_all(self, taken: dict[str, TextIO]) -> None:
        try:
            self._catch_up()  # one may have ended since, and another let go of it for that
            known = {
                name: (query, part)
                for query in self._queries.values()
                for part, name in enumerate(query.tasks)
            }
            for name in list(taken):
                if name in known:
                    self._begin(name, *known[name], taken[name])
                    del taken[name]
        except BrokerError as error:
            self._report(str(error))  # it is tried again
        finally:
            for lock in taken.values():
                lock.close()

    def _begin(self, name: str, query: Standing, part: int, lock: TextIO) -> None:
        own = self._members.address
        before = (self._locks / name).read_text(encoding="utf-8")
        self._let_begin(name, query, part)
        with suppress(OSError):  # on a full disk who takes over cannot say from whom
            lock.truncate(0)
            os.write(lock.fileno(), own.encode())
        self._held[name] = _Held(query, part, lock)
        if before and before != own:
            self._report(f"{own} takes over {name} from {before}")

    def _begin_again(self) -> None:
        """Let go on what the absence of the log has ended; while that lasts, try now and then.

        ksqlDB does so too (`ksql.query.retry.backoff.initial.ms` in its configuration).
        """
        if time.monotonic() < self._tried + _AGAIN_SECONDS:
            return
        self._tried = time.monotonic()
        lost = {name: one for name, one in self._held.items() if one.has_lost_the_log}
        try:
            for name, one in lost.items():
                if not one.is_leaving:
                    self._let_begin(name, one.query, one.part)
        except BrokerError as error:
            self._report(str(error))

    def _let_begin(self, name: str, query: Standing, part: int) -> None:
        """Begin a part; what keeps it from that is the part's error. Raises BrokerError."""
        try:
            query.begin(part)
        except BrokerError:
            raise
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # a panic of bytewax is no Exception
            query.failures[part] = _failure(name, error)
            self._report(f"{name} cannot begin: {query.failures[part]}")

    # -- the end of parts -----------------------------------------------------------------------

    def _forget_held(self, name: str) -> None:
        one = self._held.pop(name)
        one.query.end(one.part)
        self._forget_locked(name, one.lock)

    def _forget(self, names: Iterable[str]) -> set[str]:
        """Forget what is known of parts that nobody runs, and return the names of the others."""
        left = set()
        for name in names:
            lock = locked(self._locks / name)
            if lock is None:
                left.add(name)
            else:
                self._forget_locked(name, lock)
        return left

    def _forget_locked(self, name: str, lock: TextIO) -> None:
        with suppress(FileNotFoundError):  # another has forgotten it meanwhile
            forget(self._folder / name)
        (self._locks / name).unlink(missing_ok=True)
        lock.close()

    def _own_works(self) -> list[Work]:
        found = []
        for one in self._held.values():
            flow = one.query.flows.get(one.part)
            error = one.query.error_of(one.part)
            places = {} if flow is None else flow.positions
            found.append(
                Work(
                    one.query.query_id,
                    one.part,
                    one.query.state_of(one.part),
                    None if error is None else str(error),
                    [(topic, partition, offset) for (topic, partition), offset in places.items()],
                )
            )
        return found


def _failure(name: str, error: BaseException) -> EventlabError:
    """Return what keeps a part from beginning; what nobody has foreseen becomes one error too."""
    if isinstance(error, EventlabError):
        return error
    return FlowError(
        f"The part {name!r} of a query did not begin",
        expected="its flow and its store",
        found=f"{type(error).__name__}: {shown(str(error), 200)}",
        remedy="RESUME tries it again; TERMINATE ends the query.",
    )

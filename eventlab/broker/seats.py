"""Get a seat at a broker: at the one that is there, at one that is started, or at someone's own."""

import os

from eventlab.broker.external import ExternalCluster, external_settings, refuse_for_external
from eventlab.broker.jars import Progress, silent
from eventlab.broker.joining import await_end
from eventlab.broker.local import Broker
from eventlab.broker.seat import Seat
from eventlab.checked import checked


@checked
def join(name: str = "", progress: Progress = silent) -> Seat:
    """Return a seat at the broker: the external one that the environment names, else the local.

    The local broker is started if nobody has; whatever it lacks is fetched and made first, and
    `progress(what, done, total)` is called. Raises SetupError and BrokerError.
    """
    return _external() or _joined_local(name, progress)


@checked
def present_seat(name: str) -> Seat | None:
    """Return a seat as `join` does, but start nothing: None where no broker runs."""
    return _external() or running_broker(name)


def start_and_keep(name: str, progress: Progress = silent) -> Broker:
    """Return a seat at the local broker, started if need be, which stays without users until `end`.

    Raises BrokerError where the environment names an external cluster, and SetupError.
    """
    refuse_for_external("start")
    broker = _joined_local(name, progress)
    broker.keep()
    return broker


def _joined_local(name: str, progress: Progress) -> Broker:
    broker = Broker(name or f"process {os.getpid()}", progress)
    try:
        broker.start()
    except BaseException:  # an interrupt, too, leaves no seat behind
        broker.close()
        raise
    return broker


@checked
def running_broker(name: str) -> Broker | None:
    """Return a seat at the local broker if one is there, without starting anything."""
    broker = Broker(name)
    return broker if broker.attach() else None


def end_running(name: str) -> bool:
    """End the local broker, whoever uses it; tell whether there was one.

    Raises BrokerError where the environment names an external cluster.
    """
    refuse_for_external("stop")
    return end_local(name)


def end_local(name: str) -> bool:
    """Return when this home has no broker any more; tell whether there was one.

    One that is about to end by itself, its last user gone, is waited for. Raises BrokerError.
    """
    broker = running_broker(name)
    if broker is not None:
        broker.end()
    was_held = await_end()
    return was_held or broker is not None


def _external() -> ExternalCluster | None:
    settings = external_settings()
    if not settings:
        return None
    cluster = ExternalCluster(settings)
    cluster.await_answer()
    return cluster

"""Run a broker as a learner would and end it, so that the JVM writes an archive of what it used."""

import secrets
from pathlib import Path

from eventlab.broker.java import java_environment
from eventlab.broker.lease import Lease
from eventlab.broker.plan import START_SECONDS, STOP_SECONDS, Plan
from eventlab.broker.readiness import await_ready, create_topic, failed_java
from eventlab.broker.supervision import supervise

TRAINING_SECONDS = 120.0  # writing the archive has been seen to take from 6 to 21


def train(command: list[str], template: Path, archive: Path, folder: Path) -> None:
    """Run `command`, which makes `archive` when it ends, in `folder`. Raises SetupError.

    A supervisor of its own holds the broker, which therefore ends with us, kill -9 included.
    """
    plan = Plan(
        folder=str(folder),
        command=command,
        environment=java_environment(),
        template=str(template),
        token=secrets.token_hex(16),
        linger_seconds=0.0,
        stop_seconds=TRAINING_SECONDS,
        end_seconds=0.0,  # without us nobody wants the archive
    )
    lease = Lease(supervise(plan), plan.token, "warm-up", lambda _told: None)
    try:
        _use(lease)
    finally:
        lease.ask("end", {"lost"}, STOP_SECONDS)
        lease.close()
    if not archive.exists():
        raise failed_java("Making the start-up archive", plan.log.read_text(errors="replace"))


def _use(lease: Lease) -> None:
    told = lease.await_state({"running", "failed", "stopped", "lost"}, START_SECONDS)
    if told.state != "running":
        raise failed_java("Starting Kafka", told.reason)
    settings = {"bootstrap.servers": f"127.0.0.1:{told.port}"}
    await_ready(settings)
    create_topic(settings, "warm-up")
    lease.ask("stop", {"stopped"}, TRAINING_SECONDS)

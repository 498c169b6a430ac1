"""Run a broker as a learner would and end it, so that the JVM writes an archive of what it used."""

import secrets
from pathlib import Path

from eventlab.broker.java import java_environment
from eventlab.broker.lease import Lease, opened
from eventlab.broker.plan import START_SECONDS, STOP_SECONDS, NodePlan, Plan
from eventlab.broker.readiness import await_groups, await_ready, create_topic, failed_java
from eventlab.broker.supervision import supervise
from eventlab.errors import BrokerError

TRAINING_SECONDS = 120.0  # writing the archive has been seen to take from 6 to 21


def train(command: list[str], template: Path, archive: Path, folder: Path) -> None:
    """Run `command`, which makes `archive` when it ends, in `folder`. Raises SetupError.

    A supervisor of its own holds the broker, which therefore ends with us, kill -9 included.
    """
    node = NodePlan(folder=str(folder), command=command, template=str(template))
    plan = Plan(
        folder=str(folder),
        nodes=[node],
        environment=java_environment(),
        token=secrets.token_hex(16),
        linger_seconds=0.0,
        stop_seconds=TRAINING_SECONDS,
        end_seconds=0.0,  # without us nobody wants the archive
    )
    lease = _lease(plan)
    try:
        _use(lease)
    finally:
        lease.ask("end", {"lost"}, STOP_SECONDS)
        lease.close()
    if not archive.exists():
        raise failed_java(
            "Making the start-up archive", node.log.read_text(errors="replace", encoding="utf-8")
        )


def _lease(plan: Plan) -> Lease:
    port = supervise(plan)
    if port is None:
        raise BrokerError(
            f"Kafka cannot be warmed up in {plan.folder}",
            expected="a folder that no broker runs in",
            found="one that another broker has locked",
            remedy="Run `eventlab warm-up` again.",
        )
    return opened(port, plan.token, "warm-up", lambda _state: None)


def _use(lease: Lease) -> None:
    reported = lease.await_state({"running", "failed", "stopped", "lost"}, START_SECONDS)
    if reported.state != "running":
        raise failed_java("Starting Kafka", reported.reason)
    settings = {"bootstrap.servers": f"127.0.0.1:{reported.port}"}
    await_ready(settings)
    await_groups(settings)
    create_topic(settings, "warm-up")
    lease.ask("stop", {"stopped"}, TRAINING_SECONDS)

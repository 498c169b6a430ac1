"""PostgreSQL for a lab: from nothing to the first table, as ratios to the bare programs.

python -m benchmarks.bench_database

Each round, in turns: a lab's first database where nothing is there (initdb, start, a database),
where only the template is, and where the server runs for another; and the programs alone, initdb
and postgres with PostgreSQL's own settings. Each ends with a table made over a connection. Medians
of the rounds. Memory is that of all of the server's processes (PSS) with one connection.
"""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import psutil
import psycopg

from eventlab.database import Database, new_database
from eventlab.database.binaries import program
from eventlab.database.configuration import USER
from eventlab.database.ground import Ground, chosen_ground, server_environment
from eventlab.database.local import LocalServer
from eventlab.processes.program import launch

ROUNDS = 5
TABLE = "create table orders (id int primary key, cents int)"
PORT = "54873"
NO_SOCKET_FILE = ["-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1"]

Taken = dict[str, list[float]]


def main() -> None:
    """Print a table: way, seconds, megabytes, both as ratios to the bare programs."""
    seconds: Taken = {}
    megabytes: Taken = {}
    warm_up()
    for _ in range(ROUNDS):
        round_of(seconds, megabytes)
    print("| way | s | MB | time / bare | memory / bare |")
    print("|---|--:|--:|--:|--:|")
    bare_memory = median(megabytes["bare programs, initdb and start"])
    for way, taken in seconds.items():
        peer = "bare programs, initdb and start" if "initdb" in way else "bare postgres, start"
        ratio = median(taken) / median(seconds[peer])
        memory = median(megabytes[way])
        print(
            f"| {way} | {median(taken):.2f} | {memory:.0f} | {ratio:.2f} |"
            f" {memory / bare_memory:.2f} |"
        )


def warm_up() -> None:
    """Let the system have read the programs once, and Python its modules."""
    with own_home():
        new_database("orders").close()


def round_of(seconds: Taken, megabytes: Taken) -> None:
    """Take each way once."""

    def note(way: str, taken: float, memory: float) -> None:
        seconds.setdefault(way, []).append(taken)
        megabytes.setdefault(way, []).append(memory)

    with own_home():
        note("a lab's first database, initdb included", *timed_database())
        note("again, with the template", *timed_database())
        seat = LocalServer("another lab")
        seat.start()
        note("beside another lab", *timed_database())
        pid = seat.pid
        seat.close()
        until_gone(pid)
        with bare_folder(chosen_ground()) as (ground, data):
            begun = time.perf_counter()
            initialize(ground, data)
            _, memory = timed_bare(ground, data)
            note("bare programs, initdb and start", begun_since(begun), memory)
            note("bare postgres, start", *timed_bare(ground, data))


def begun_since(begun: float) -> float:
    """Return the seconds since then."""
    return time.perf_counter() - begun


def timed_database() -> tuple[float, float]:
    """Return the seconds to a table in a database of a lab, and the server's megabytes."""
    begun = time.perf_counter()
    database = new_database("orders")
    with database.connect(autocommit=True) as connection:
        connection.execute(TABLE)
        taken = begun_since(begun)
        memory = memory_of(database.pid)
    close(database)
    return taken, memory


def close(database: Database) -> None:
    """Give the database up, and return when its server has ended, if that was its last user."""
    pid = database.pid
    seat: LocalServer = database._seat
    is_last = len(seat.users) == 1
    database.close()
    if is_last:
        until_gone(pid)


def timed_bare(ground: Ground, data: Path) -> tuple[float, float]:
    """Return the same of the bare program on data that are there."""
    begun = time.perf_counter()
    with (ground.place / "bare.log").open("ab") as output:
        server = launch(
            [program(ground.programs, "postgres"), "-D", str(data), "-p", PORT, *NO_SOCKET_FILE],
            folder=data,
            output=output,
            environment=server_environment(),
            user=ground.identity.outer_user,
            group=ground.identity.outer_group,
            become=ground.identity.become,
        )
    with closing(answered(server.status)) as connection:
        connection.execute("drop table if exists orders")
        connection.execute(TABLE)
        taken = begun_since(begun)
        memory = memory_of(server.pid)
    pid = server.pid
    server.ask_to_end(2)
    while server.status() is None:
        time.sleep(0.01)
    until_gone(pid)
    return taken, memory


def answered(status: Callable[[], int | None]) -> psycopg.Connection:
    """Return the first connection that the bare server takes."""
    while status() is None:
        try:
            return psycopg.connect(
                host="127.0.0.1", port=PORT, user=USER, dbname="postgres", autocommit=True
            )
        except psycopg.OperationalError:
            time.sleep(0.005)
    raise SystemExit("the bare server did not start")


def initialize(ground: Ground, data: Path) -> None:
    """Make data with PostgreSQL's own settings."""
    words = ["-D", str(data), "-U", USER, "--auth=trust", "--no-sync"]
    done = ground.identity.run(
        [program(ground.programs, "initdb"), *words], ground.place, server_environment()
    )
    if done.returncode:
        raise SystemExit(done.stderr)


def memory_of(pid: int | None) -> float:
    """Return the megabytes of a server and its processes, what they share counted once."""
    server = psutil.Process(pid)
    return sum(one.memory_full_info().pss for one in [server, *server.children()]) / 1e6


def until_gone(pid: int | None) -> None:
    """Return when a server and whoever holds it have ended."""
    while pid is not None and psutil.pid_exists(pid):
        time.sleep(0.01)


@contextmanager
def own_home() -> Iterator[Path]:
    """Let this process have an empty home."""
    home = Path(tempfile.mkdtemp(prefix="eventlab-bench-"))
    before = os.environ.get("EVENTLAB_HOME")
    os.environ["EVENTLAB_HOME"] = str(home)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)
        if before is None:
            del os.environ["EVENTLAB_HOME"]
        else:
            os.environ["EVENTLAB_HOME"] = before


@contextmanager
def bare_folder(ground: Ground) -> Iterator[tuple[Ground, Path]]:
    """Yield a folder of the server's user, for the data of the bare programs."""
    folder = ground.place / f"bare-{secrets.token_hex(4)}"
    folder.mkdir()
    ground.identity.own(folder)
    try:
        yield ground, folder / "data"
    finally:
        shutil.rmtree(ground.place, ignore_errors=True)


if __name__ == "__main__":
    main()

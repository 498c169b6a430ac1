"""A database as a notebook has it: asked, broken, brought back; what is committed is kept."""

import os
import signal
import socket
import sys
import threading
from contextlib import closing

import pandas
import psutil
import psycopg
import pytest

from eventlab.database import new_database
from eventlab.database.ground import server_folder
from eventlab.errors import DatabaseError
from tests.database.homes import assert_nothing_left, places, processes_in, supervisor_pid
from tests.waiting import until

pytestmark = pytest.mark.database

MADE = "create table orders (id int primary key, cents int); insert into orders values (1, 20)"


def test_its_rows_come_as_a_frame(database):
    """A query returns its rows, with parameters of both kinds; a statement without rows none."""
    assert database.sql(MADE).empty
    expected = pandas.DataFrame({"id": [1], "cents": [20]})
    pandas.testing.assert_frame_equal(database.sql("select * from orders"), expected)
    assert len(database.sql("select * from orders where id = %s", [2])) == 0
    assert database.sql("select %(a)s::int + 1 as next", {"a": 1})["next"].tolist() == [2]
    assert database.sql("select 7 % 4 as rest; select 8 % 5 as rest")["rest"].tolist() == [3]


@pytest.mark.parametrize(
    ("query", "parameters", "words"),
    [
        ("select * from nowhere", None, 'relation "nowhere" does not exist'),
        ("select", [1], "placeholders"),
        ("select %s", [object()], "cannot adapt"),
    ],
)
def test_what_the_server_refuses_is_one_error_in_its_own_words(database, query, parameters, words):
    """A query that cannot be carried out says why, and what psycopg raised is its cause."""
    with pytest.raises(DatabaseError, match=words) as caught:
        database.sql(query, parameters)
    assert caught.value.__cause__ is not None


def test_on_a_connection_the_errors_are_psycopgs(database):
    """Between a learner and psycopg there is nothing of ours."""
    with database.connect() as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("select * from nowhere")


def test_a_transaction_begins_unless_each_statement_is_one(database):
    """Whoever connects says whether each statement is committed at once."""
    database.sql(MADE)
    with database.connect() as connection:
        connection.execute("insert into orders values (2, 5)")
        assert len(database.sql("select * from orders")) == 1
    assert len(database.sql("select * from orders")) == 2
    with closing(database.connect(autocommit=True)) as connection:
        connection.execute("insert into orders values (3, 5)")
    assert len(database.sql("select * from orders")) == 3


def test_any_client_takes_its_url(database):
    """The URL is all that another client needs; the database itself does not show its password."""
    database.sql(MADE)
    with psycopg.connect(database.url) as connection:
        assert connection.execute("select cents from orders").fetchall() == [(20,)]
    assert repr(database) == "<Database a_test_a82639b6, running>"


def test_nobody_is_let_in_without_the_password(database):
    """Another user of this machine finds the port, and no way in."""
    port = int(database.url.rpartition(":")[2].partition("/")[0])
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=port, user="lab", dbname="postgres", password="x")


def test_who_waits_for_whom_is_in_its_locks(database):
    """Of two that change the row of a third, each is there with whom it waits for."""
    database.sql(MADE)
    change = "update orders set cents = cents + 1"
    threads = []
    with database.connect(name="first") as first:
        first.execute(change)
        for number, name in enumerate(["second", "third"], 1):
            threads.append(threading.Thread(target=_changed, args=(database, name, change)))
            threads[-1].start()
            until(lambda count=number: len(database.locks()) == count)
        found = database.locks()
        waits = dict(zip(found["waiting_name"], found["blocking_name"], strict=True))
        assert waits == {"second": "first", "third": "second"}
        assert set(found["table"]) == {"orders"}
        assert set(found["waiting_query"]) == {change}
        assert (found["waited_seconds"] >= 0).all()
    for thread in threads:
        thread.join(20)
    assert database.locks().empty
    assert database.sql("select cents from orders")["cents"].tolist() == [23]


def _changed(database, name, change):
    with database.connect(name=name) as connection:
        connection.execute(change)


def test_what_is_committed_survives_all_that_a_lesson_does(database):
    """Rows are there, at the same URL, after stop, kill and freeze."""
    database.sql("create table kept (id int)")
    url = database.url
    for number, ends in enumerate([["stop", "start"], ["kill", "start"], ["suspend", "resume"]]):
        database.sql("insert into kept values (%s)", [number])
        for command in ends:
            getattr(database, command)()
        assert database.state == "running"
    assert sorted(database.sql("select id from kept")["id"]) == [0, 1, 2]
    assert database.url == url


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_killed_in_a_transaction_it_keeps_what_was_committed_alone(database):
    """Kill -9 of the server in the middle of a transaction: rolled back, and nothing else lost."""
    database.sql(MADE)
    connection = database.connect()
    connection.execute("insert into orders values (2, 5)")
    os.kill(database.pid, signal.SIGKILL)
    database.start()
    assert database.sql("select id from orders")["id"].tolist() == [1]
    with pytest.raises(psycopg.OperationalError):
        connection.commit()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_killed_it_is_noticed(database):
    """Whoever asks a server that was killed is told so, and what to do."""
    os.kill(database.pid, signal.SIGKILL)
    until(lambda: database.state == "stopped")
    assert "signal 9" in database.reason
    assert database.pid is None
    with pytest.raises(DatabaseError, match=r"not running.*signal 9.*start\(\)"):
        database.sql("select 1")


@pytest.mark.parametrize("command", ["stop", "kill"])
def test_stopped_it_says_so(database, command):
    """Nobody waits for a server that was ended; it may be ended twice, and started twice."""
    for _ in range(2):
        getattr(database, command)()
    with pytest.raises(DatabaseError, match="not running"):
        database.connect()
    for _ in range(2):
        database.start()
    assert database.sql("select 1 as one")["one"].tolist() == [1]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot freeze a process")
def test_suspended_all_of_it_is_silent(database):
    """Connections that are open get no answer until it goes on; new ones are refused at once."""
    connection = database.connect(autocommit=True)
    database.suspend()
    answers = []
    thread = threading.Thread(
        target=lambda: answers.append(connection.execute("select 1").fetchone())
    )
    thread.start()
    tree = [psutil.Process(database.pid), *psutil.Process(database.pid).children()]
    # One that had just ended stays a zombie: whoever would collect it is frozen.
    frozen = {psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE}
    until(lambda: {process.status() for process in tree} <= frozen)
    with pytest.raises(DatabaseError, match=r"suspended.*resume\(\)"):
        database.connect()
    assert answers == []
    database.resume()
    thread.join(20)
    assert answers == [(1,)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot freeze a process")
def test_suspended_it_ends_with_its_last_user(home):
    """A frozen server is no reason for anything to be left."""
    database = new_database("a test")
    database.suspend()
    folders = places()
    database.close()
    assert_nothing_left(folders)


def test_made_again_it_is_empty(database):
    """A database is made anew, whoever is still connected to the one before."""
    database.sql(MADE)
    connection = database.connect()
    connection.execute("select * from orders")
    again = new_database("a test")
    assert again.url == database.url
    assert again.sql("select * from pg_tables where schemaname = 'public'").empty
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select 1")
    again.close()


def test_two_share_the_server_and_no_tables(database):
    """Another lab has a database of its own on the same server, which stays when one goes."""
    database.sql(MADE)
    other = new_database("another")
    assert other.pid == database.pid
    with pytest.raises(DatabaseError, match="does not exist"):
        other.sql("select * from orders")
    other.close()
    other.close()
    assert len(database.sql("select * from orders")) == 1


def test_closed_it_is_dropped_unless_another_has_made_it_anew(database):
    """What a lab has left takes no room, and nobody loses what is theirs by it."""
    other = new_database("other")
    names = "select datname from pg_database where datname like 'other%'"
    assert database.sql(names)["datname"].tolist() == [other.name]
    again = new_database("other")
    other.close()
    assert again.sql("select 1 as one")["one"].tolist() == [1]
    again.close()
    assert database.sql(names).empty


def test_it_ends_with_its_last_user(home):
    """After the last has gone there is no process."""
    one = new_database("one")
    other = new_database("other")
    folders = places()
    one.close()
    assert other.sql("select 1 as one")["one"].tolist() == [1]
    other.close()
    assert_nothing_left(folders)


def test_closed_its_connections_are_closed(database):
    """A connection that a cell has left open holds no lock after the database is closed."""
    connection = database.connect()
    database.close()
    assert connection.closed
    with pytest.raises(DatabaseError, match="not running"):
        database.connect()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_nothing_is_left_of_a_user_that_is_killed(user):
    """Kill -9 of the only kernel ends supervisor and server."""
    one = user("one")
    folders = places()
    assert len(processes_in(folders)) > 2
    assert one.facts["state"] == "running"
    one.kill()
    assert_nothing_left(folders)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_another_user_goes_on_when_one_is_killed(user, own_database):
    """Kill -9 of a kernel takes nothing from the next one."""
    one = user("one")
    assert one.facts["pid"] == own_database.pid
    one.kill()
    assert own_database.sql("select 1 as one")["one"].tolist() == [1]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start ends it")
def test_nothing_is_left_of_a_supervisor_that_is_killed(own_database):
    """Kill -9 of the supervisor ends the server; started again, what was committed is there."""
    own_database.sql(MADE)
    url = own_database.url
    server = psutil.Process(own_database.pid)
    os.kill(supervisor_pid(), signal.SIGKILL)
    until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
    until(lambda: own_database.state == "lost")
    with pytest.raises(DatabaseError, match="supervisor is gone"):
        own_database.connect()
    own_database.start()
    assert len(own_database.sql("select * from orders")) == 1
    assert own_database.url == url


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot freeze a process")
def test_frozen_without_a_supervisor_it_is_ended_by_the_next_start(own_database):
    """A frozen server cannot notice the end of its supervisor: whoever starts it next ends it."""
    own_database.sql(MADE)
    own_database.suspend()
    os.kill(supervisor_pid(), signal.SIGKILL)
    until(lambda: own_database.state == "lost")
    own_database.start()
    assert len(own_database.sql("select * from orders")) == 1


@pytest.mark.long
def test_a_port_that_is_taken_is_left_to_who_has_it(own_database):
    """Started again while another program has its port, it takes another one."""
    own_database.sql(MADE)
    own_database.stop()
    port = int(own_database.url.rpartition(":")[2].partition("/")[0])
    with socket.create_server(("127.0.0.1", port)):
        own_database.start()
        assert f":{port}/" not in own_database.url
        assert len(own_database.sql("select * from orders")) == 1


def test_data_that_it_cannot_read_are_moved_aside(own_database):
    """Nothing is deleted of what the server refuses: it starts empty, and says so."""
    own_database.stop()
    folder = places()[1]
    data = next(folder.glob("data-*"))
    data.joinpath("global", "pg_control").write_bytes(b"nonsense")
    own_database.start()
    assert "moved to" in own_database.notice
    aside = [path for path in folder.iterdir() if "set-aside" in path.name]
    assert len(aside) == 1
    assert server_folder().joinpath("postgres.log").exists()
    for path in aside:
        path.rename(path.with_name("seen"))

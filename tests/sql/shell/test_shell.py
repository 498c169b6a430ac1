import os
import signal
import threading

import pytest

from eventlab.log import produce
from eventlab.sql.server.held import SqlServer
from eventlab.sql.shell import shell as module
from eventlab.sql.shell.client import Client
from eventlab.sql.shell.shell import Shell, _converse, run_script
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
def written():
    """What the shell wrote."""
    return []


@pytest.fixture
def shell(url, written):
    """A shell on the server that the tests share."""
    return Shell(Client(url), written.append)


def test_statements_are_run_and_shown(shell, written, create):
    """A sentence, a table, rows as they come."""
    name, statement = create
    assert shell.run(
        f"{statement} INSERT INTO {name} VALUES ('a', 1); DESCRIBE {name};"
        f"SELECT * FROM {name} EMIT CHANGES LIMIT 1;"
    )
    assert written[0].startswith(f"The stream {name.upper()} is there")
    assert "INTEGER" in written[1]
    assert [line.split() for line in written[2::2]] == [["K", "N"], ["a", "1"]]


def test_variables_and_properties_hold_for_the_session(shell, written, create):
    """Until they are unset."""
    name, statement = create
    assert shell.run(f"{statement} DEFINE x = '{name}'; SET 'max.poll.records' = '77';")
    assert shell.run("DESCRIBE ${x}; SHOW PROPERTIES; UNSET 'max.poll.records'; SHOW PROPERTIES;")
    assert name.upper() in written[1]
    assert ("77" in written[2].split(), "77" in written[3].split()) == (True, False)
    assert shell.run("UNDEFINE x;")
    assert not shell.run("DESCRIBE ${x};")


def test_an_error_stands_under_its_place(shell, written, create):
    """Whether the shell sees it or the server; what comes behind it is not run."""
    name, statement = create
    assert not shell.run("SHOW\nSTRAEMS;")
    assert written[0].splitlines()[:2] == ["  STRAEMS;", "  ^"]
    assert not shell.run(f"{statement}\nSELECT x\nFROM {name} EMIT CHANGES; SHOW TOPICS;")
    assert written[2].splitlines()[:2] == ["  SELECT x", "         ^"]
    assert len(written) == 3


def test_an_interrupt_ends_a_query_and_not_the_shell(shell, written, create):
    """As Ctrl-C does."""
    name, statement = create
    shell.run(statement)

    def interrupt():
        until(lambda: len(written) == 3)  # the sentence, and the table's head
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    assert shell.run(f"SELECT * FROM {name} EMIT CHANGES;")
    assert written[-1] == "The query is ended."


def test_records_are_printed(shell, written, new_topic):
    """Every second one, where that is said."""
    topic = new_topic()
    produce(topic, [(f"k{number}", {"n": number}) for number in range(4)])
    assert shell.run(f"PRINT '{topic}' FROM BEGINNING INTERVAL 2 LIMIT 2;")
    assert ["k0" in written[0], "k2" in written[1], len(written)] == [True, True, 2]


def test_names_are_completed(shell, create):
    """Streams and their columns."""
    name, statement = create
    shell.run(statement)
    assert {name.upper(), "K", "N"} <= set(shell.names())


def test_lines_are_put_together_until_a_statement_ends(shell, written, capsys):
    """An interrupt forgets what was begun; help is no statement; exit leaves."""
    lines = iter(
        ["SELECT", KeyboardInterrupt, "help", "", "SHOW", "TYPES;", "EXIT;", "SHOW TYPES;"]
    )
    prompts = []

    def read(prompt):
        prompts.append(prompt)
        line = next(lines)
        if line is KeyboardInterrupt:
            raise KeyboardInterrupt
        return line

    _converse(shell, read)
    assert "EMIT CHANGES" in capsys.readouterr().out
    assert len(written) == 1
    assert prompts[:3] == ["sql> ", "...> ", "sql> "]
    assert prompts[-2:] == ["...> ", "sql> "]


def test_the_end_of_the_input_leaves(shell):
    """Ctrl-D."""

    def read(_):
        raise EOFError

    _converse(shell, read)


def test_a_script_ends_at_its_first_error(url, written):
    """And says whether all was done."""
    assert run_script(url, "SHOW TYPES;", written.append)
    assert not run_script(url, "DESCRIBE nothing; SHOW TYPES;", written.append)
    assert len(written) == 2


def test_a_server_is_made_where_none_runs(broker, monkeypatch, written):
    """It ends with the shell, and is found by another one meanwhile."""
    monkeypatch.setattr(module, "SERVICE_ID", f"nobody-{os.getpid()}")
    with module.server_at(None) as client:
        assert client.is_there()
        assert Shell(client, written.append).run("SHOW STREAMS;")
    assert not client.is_there()


def test_the_server_that_runs_is_found(url, monkeypatch):
    """Also where another one does not answer."""
    monkeypatch.setattr(module, "urls_of", lambda _: ["http://127.0.0.1:9", url])
    with module.server_at(None) as client:
        assert client.url == url


def test_a_script_of_what_should_come_out_is_run(url, written, create):
    """It says what is so, and ends at what is not, at its place."""
    name, statement = create
    script = (
        f"{statement}\nINSERT INTO {name} VALUES ('a', 1);\n"
        f"ASSERT STREAM {name} (k STRING KEY, n INT);\nASSERT VALUES {name} (n) VALUES ({{}});"
    )
    assert not run_script(url, f"{script.format(2)} SHOW TYPES;", written.append)
    assert written[1] == f"{name.upper()} is what ASSERT says"
    last = written[-1].splitlines()
    assert last[1].index("^") == last[0].index("2)")
    assert last[2].startswith(f"Line 4, column {last[0].index('2)') - 1}: ")
    assert "expected N 2, found N 1" in last[2]
    dropped = f"DROP STREAM {name}; {script.format(1)}"
    assert run_script(url, dropped, written.append)


@pytest.fixture
def alone(broker, monkeypatch):
    """An id of which no server runs, and those that the shell has started."""
    started = []

    class Started(SqlServer):
        def __init__(self, service_id):
            super().__init__(service_id)
            started.append(self)

    monkeypatch.setattr(module, "SERVICE_ID", f"alone-{os.getpid()}")
    monkeypatch.setattr(module, "SqlServer", Started)
    return started


def test_a_server_that_dies_cuts_a_query_off_and_another_is_started(alone, written, create):
    """The shell says so, and the next statement finds what there was."""
    name, statement = create
    with module.server_at(None) as client:
        shell = Shell(client, written.append)
        assert shell.run(f"{statement} INSERT INTO {name} VALUES ('a', 1);")

        def kill():
            until(lambda: "1" in written[-1].split())  # the row has come
            alone[0].kill()

        killing = threading.Thread(target=kill)
        killing.start()
        assert not shell.run(f"SELECT * FROM {name} EMIT CHANGES;")
        killing.join()
        assert written[-1].startswith("The server has gone; the query is cut off")
        assert shell.run(f"DESCRIBE {name};")
        assert [one.url for one in alone[1:]] == [client.url]

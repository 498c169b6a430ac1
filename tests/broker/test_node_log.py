"""What a node's log says: its ports and its reasons."""

from eventlab.broker import node_log
from eventlab.broker.node_log import (
    NodeLog,
    broker_port,
    failure_reason,
    gave_up,
    has_started,
    knows_no_groups,
    knows_no_voters,
    listening_ports,
)
from tests.broker.test_node import LISTENS, STARTED


def test_the_broker_names_its_port_after_the_controller():
    """The controller's line comes first; one line is not enough."""
    controller, both = LISTENS.splitlines()[2], LISTENS
    assert broker_port(controller) is None
    assert broker_port(both) == 2222


def test_the_reason_is_the_exception_after_the_last_words():
    """An ERROR before Kafka gives up is not why it did."""
    log = "ERROR one thing\njava.io.IOException: early\nERROR Exiting Kafka due to x\nat y\n"
    assert failure_reason(log + "ConfigException: bad\nKafkaException: later") == (
        "ConfigException: bad"
    )
    assert failure_reason(log) == "ERROR Exiting Kafka due to x"
    assert failure_reason("hello\nbye") == "bye"
    assert failure_reason("") == "it said nothing"


def test_ports_come_in_the_order_in_which_they_were_opened():
    """A node that is only a broker has one."""
    assert listening_ports(LISTENS) == [1111, 2222]
    assert listening_ports(LISTENS.splitlines()[3]) == [2222]
    assert listening_ports("") == []


def test_only_kafka_s_own_words_are_giving_up():
    """What the JVM says before there is a Kafka is not."""
    assert gave_up("[x] ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)")
    assert not gave_up("Error: could not reserve enough space for the object heap")


def test_a_node_serves_when_it_says_so():
    """Ports are named before topics are loaded."""
    assert not has_started(LISTENS)
    assert has_started(LISTENS + STARTED)


def test_lost_metadata_are_recognised():
    """A controller without voters; and the groups' own topic, which nobody deletes, as a stray."""
    assert knows_no_voters("INFO Starting voters are VoterSet(voters={}) (org.apache.kafka)")
    assert not knows_no_voters("INFO Starting voters are VoterSet(voters={1=VoterNode(x)})")
    assert knows_no_groups("WARN Log in /x/__consumer_offsets-12 marked stray and renamed to /y")
    assert not knows_no_groups("WARN Log in /x/orders-0 marked stray and renamed to /y")


def test_the_log_of_the_last_time_is_kept_beside_it(tmp_path):
    """One only; and nothing is said before the first one is open."""
    log = NodeLog(tmp_path / "broker.log")
    assert log.text() == ""
    log.shorten()
    for said in (b"first", b"second", b"third"):
        file = log.open_anew()
        file.write(said)
        file.flush()
    assert log.text() == "third"
    assert (tmp_path / "broker.before.log").read_text(encoding="utf-8") == "second"


def test_a_log_that_has_grown_long_keeps_its_end(tmp_path, monkeypatch):
    """What is written next follows what is left."""
    monkeypatch.setattr(node_log, "LOG_BYTES", 100)
    monkeypatch.setattr(node_log, "LOG_KEPT_BYTES", 10)
    log = NodeLog(tmp_path / "broker.log")
    file = log.open_anew()
    file.write(b"x" * 100)
    file.flush()
    log.shorten()
    assert len(log.text()) == 100
    file.write(b"end")
    file.flush()
    log.shorten()
    assert log.text() == "x" * 7 + "end"

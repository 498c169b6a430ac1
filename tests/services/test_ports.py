import socket
import sys
from contextlib import suppress

import pytest

from eventlab.errors import ServiceError
from eventlab.services import ports
from eventlab.services.ports import LOOPBACK, Port, prefer_newest


def connects(port: Port) -> bool:
    """Tell whether somebody listens; else the system refuses."""
    try:
        socket.create_connection((LOOPBACK, port.number)).close()
    except ConnectionRefusedError:
        return False
    return True


def test_it_is_refused_while_nobody_listens():
    """Before the first listener, and as soon as the last has gone."""
    port = Port()
    assert not connects(port)
    first = port.listener()
    second = port.listener()
    first.close()
    assert connects(port)
    second.close()
    assert not connects(port)
    port.close()


def test_what_is_bound_is_refused_until_it_listens():
    """A process that is not ready yet makes nobody wait."""
    port = Port()
    with port.bound() as one:
        assert not connects(port)
        one.listen()
        assert connects(port)
    port.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the system chooses")
def test_the_newest_of_two_gets_all_connections():
    """So the other may be closed; and what is left gets them whichever it is."""
    port = Port()
    first = port.listener()
    for _ in range(3):
        second = port.listener()
        prefer_newest(second)
        lines = [socket.create_connection((LOOPBACK, port.number)) for _ in range(20)]
        assert accepted(first) == 0
        first.close()
        lines.append(socket.create_connection((LOOPBACK, port.number)))
        assert accepted(second) == len(lines)
        for line in lines:
            line.close()
        first = second
    first.close()
    port.close()


def accepted(listener: socket.socket) -> int:
    """Take all connections that wait, and return how many they were."""
    listener.setblocking(False)
    number = 0
    with suppress(BlockingIOError):
        while True:
            listener.accept()[0].close()
            number += 1
    return number


def test_nobody_else_can_take_it():
    """Though nobody listens on it."""
    port = Port()
    other = socket.socket()
    with pytest.raises(OSError, match="in use"):
        other.bind((LOOPBACK, port.number))
    port.close()
    other.bind((LOOPBACK, port.number))
    other.close()


@pytest.mark.parametrize("number", [-1, 70_000])
def test_a_number_that_is_none_is_refused(number):
    """Without a socket that stays open."""
    with pytest.raises(ServiceError, match=r"cannot be used.*Leave the port out"):
        Port(number)


def test_a_port_that_is_taken_is_refused():
    """The error has the system's own words."""
    with socket.create_server((LOOPBACK, 0)) as taken:
        number = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=f"Port {number} is taken.*in use"):
            Port(number)


def test_where_a_port_cannot_be_kept_it_is_said(monkeypatch):
    """In place of an AttributeError."""
    monkeypatch.setattr(ports.sys, "platform", "win32")
    with pytest.raises(ServiceError, match="WSL"):
        Port()

"""A call held to its signature before anything is done."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from eventlab.checked import checked
from eventlab.errors import UsageError

DONE: list[str] = []


@checked
def act(name: str, items: Iterable[int] = (), *, each: Callable[[int], int] | None = None) -> str:
    """Do something with a name."""
    DONE.append(name)
    return name


@checked
@dataclass(frozen=True)
class Thing:
    """A thing with a size."""

    size: int


class Acting:
    """Something that acts."""

    @checked
    def __init__(self, name: str) -> None:
        self.name = name

    @checked
    def act(self, times: int = 1, **options: float) -> int:
        """Act so many times."""
        return times


def test_what_is_right_passes():
    """By place, by name and by default."""
    assert act("a") == "a"
    assert act(name="a", items=[1], each=None) == "a"
    assert Thing(size=3).size == 3
    assert Acting("a").act(2, more=3) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: act(None), 'argument name .* expected text, found None.*name="orders"'),
        (lambda: act("a", 5), "argument items .* a list, a generator or the like, found 5"),
        (lambda: act("a", each=3), "argument each .* a function or None, found 3"),
        (lambda: Thing("a"), "argument size .* a whole number, found 'a'"),
        (lambda: Acting(b"a"), "argument name .* text, found b'a'"),
        (lambda: Acting("a").act(more=None), "argument more .* a number, found None"),
        (lambda: Acting("a").act(times=1.5), "argument times .* a whole number, found 1.5"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_done(call, message):
    """The error names the argument as the caller wrote it."""
    DONE.clear()
    with pytest.raises(UsageError, match=message):
        call()
    assert DONE == []


def test_what_python_refuses_it_refuses_itself():
    """A name that is not there is Python's own error, with its own suggestion."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'nam'"):
        act(nam="a")
    with pytest.raises(TypeError, match="missing 1 required positional argument"):
        act()


def test_the_signature_stays():
    """For help(), for editors, and for whoever reads it."""
    assert list(inspect.signature(act).parameters) == ["name", "items", "each"]
    assert list(inspect.signature(Thing).parameters) == ["size"]
    assert list(inspect.signature(Acting).parameters) == ["name"]
    assert act.__doc__ == "Do something with a name."

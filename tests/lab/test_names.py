import getpass
import os

import pytest

from eventlab.errors import UsageError
from eventlab.lab.names import checked_chapter, prefix_of, seat_name
from eventlab.log import Cluster, Topic

NOBODY = Cluster({"bootstrap.servers": "127.0.0.1:1"})


def test_a_chapter_s_names_begin_with_its_number():
    """On a cluster that others use too, with the user's name before it."""
    assert (prefix_of("00", shared=False), prefix_of("mine", shared=False)) == ("ch00.", "mine.")
    assert prefix_of("00", shared=True).endswith(".ch00.")


def prefixes_of(*users, monkeypatch):
    """Return the prefix of each user's chapter 00."""
    prefixes = []
    for user in users:
        monkeypatch.setattr(getpass, "getuser", lambda user=user: user)
        prefixes.append(prefix_of("00", shared=True))
    return prefixes


def test_a_plain_user_s_name_is_in_the_topic_s(monkeypatch):
    """As it is."""
    assert prefixes_of("jo", "Jo_Doe-7", monkeypatch=monkeypatch) == ["jo.ch00.", "Jo_Doe-7.ch00."]


@pytest.mark.parametrize("user", ["josé", "Jo Doe@x", "jo.doe", "李", "x" * 300, "a/b", "\udce9"])
def test_any_user_s_name_makes_a_topic_s(monkeypatch, user):
    """Kafka takes it, and it has room for the topic's own name."""
    (prefix,) = prefixes_of(user, monkeypatch=monkeypatch)
    assert Topic(NOBODY, prefix + "orders" * 10).name.startswith(prefix)
    assert prefix.endswith(".ch00.")


def test_no_two_users_have_one_prefix(monkeypatch):
    """Nor two that differ only in a dot and an underscore, which Kafka takes for one topic."""
    users = ["josé", "josè", "jos_", "jo doe", "jo.doe", "jo_doe", "x" * 40, "x" * 41, "x" * 42]
    prefixes = prefixes_of(*users, monkeypatch=monkeypatch)
    assert len({prefix.replace(".", "_") for prefix in prefixes}) == len(users)


def test_a_user_without_a_name_is_a_number(monkeypatch):
    """As in a container that runs as somebody whom its system does not know."""

    def unknown():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", unknown)
    monkeypatch.setattr(os, "getuid", lambda: 4711)
    assert prefix_of("00", shared=True) == "user-4711.ch00."


@pytest.mark.parametrize("other", ["ch00", "00"])
def test_two_spellings_of_a_chapter_are_one_lab(other):
    """Two labs with one prefix would empty each other's topics."""
    assert checked_chapter(other) == "00"


def test_two_chapters_have_two_prefixes():
    """Whatever they are called."""
    names = ["00", "000", "0", "ch", "chapter", "CH00", "cha", "c00", "0ch"]
    prefixes = {prefix_of(checked_chapter(name), shared=False) for name in names}
    assert len(prefixes) == len(names)


@pytest.mark.parametrize("chapter", ["", "a/b", 7, None, "x" * 41])
def test_a_chapter_needs_a_plain_name(chapter):
    """It becomes the prefix of topics, so it is what a topic's name may be."""
    with pytest.raises(UsageError, match="A lab belongs to a chapter"):
        checked_chapter(chapter)


def test_a_seat_names_the_chapter():
    """The card of another notebook shows who holds the broker."""
    assert seat_name("00") == "chapter 00"

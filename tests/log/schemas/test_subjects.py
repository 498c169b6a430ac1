"""What a schema registry knows, and what it answers."""

import json

import pytest

from eventlab.log.schemas.subjects import Refusal, Subjects
from tests.log.schemas.made import CENTS, CUSTOMER, field, record

ONE = json.dumps(record(CENTS))
TWO = json.dumps(record(CENTS, field("string", "note", default="")))
BAD = json.dumps(record(CENTS, CUSTOMER))


def registered(subjects: Subjects, subject: str, text: str):
    made = subjects.registering(subject, text)
    subjects.apply(*made.entry)
    return made


def levelled(subjects: Subjects, subject: str | None, level: str) -> None:
    subjects.apply(*subjects.setting(subject, level))


def refusal(question, *arguments, **options) -> tuple[int, int]:
    with pytest.raises(Refusal) as caught:
        question(*arguments, **options)
    assert caught.value.message
    return caught.value.status, caught.value.code


def test_versions_count_by_subject_and_ids_by_schema():
    """One schema has one id, wherever it is."""
    subjects = Subjects()
    found = [
        registered(subjects, subject, text)
        for subject, text in [("a", ONE), ("a", TWO), ("b", TWO), ("a", ONE)]
    ]
    assert [(one.version, one.id) for one in found] == [(1, 1), (2, 2), (1, 2), (1, 1)]
    assert subjects.names() == ["a", "b"]
    assert [one.version for one in subjects.versions("a")] == [1, 2]
    assert [one.subject for one in subjects.places(2)] == ["a", "b"]
    assert subjects.has(found[0])
    assert subjects.by_id(2).text == TWO


def test_a_version_is_found_by_its_number_or_its_schema():
    """The latest by that word."""
    subjects = Subjects()
    registered(subjects, "a", ONE)
    registered(subjects, "a", TWO)
    assert subjects.version("a", "1").schema.text == ONE
    assert subjects.version("a", "latest").version == subjects.version("a", "-1").version == 2
    assert subjects.find("a", json.dumps(json.loads(ONE), indent=2)).version == 1


def test_what_is_not_there_has_confluent_s_codes():
    """Clients decide by them."""
    subjects = Subjects()
    registered(subjects, "a", ONE)
    assert refusal(subjects.versions, "b") == (404, 40401)
    assert refusal(subjects.version, "a", "7") == (404, 40402)
    assert refusal(subjects.version, "a", "last") == (422, 42202)
    assert refusal(subjects.by_id, 9) == (404, 40403)
    assert refusal(subjects.places, 9) == (404, 40403)
    assert refusal(subjects.find, "a", TWO) == (404, 40403)
    assert refusal(subjects.level, "a") == (404, 40408)
    assert refusal(subjects.registering, "a", "{") == (422, 42201)
    assert refusal(subjects.registering, "a", None) == (422, 42201)
    assert refusal(subjects.setting, "a", "SIDEWARDS") == (422, 42203)
    assert refusal(subjects.setting, "a", None) == (422, 42203)


def test_what_breaks_those_before_it_is_refused_with_each_reason():
    """Status 409, with the level that forbids it."""
    subjects = Subjects()
    registered(subjects, "a", ONE)
    with pytest.raises(Refusal, match=r"the field customer has no default.*is BACKWARD") as caught:
        subjects.registering("a", BAD)
    assert (caught.value.status, caught.value.code) == (409, 409)
    assert subjects.problems("a", TWO) == []
    assert subjects.problems("a", BAD, "latest") == subjects.problems("a", BAD, "1") != []
    assert subjects.problems("b", BAD) == []


def test_a_subject_has_its_own_level_or_that_of_all():
    """BACKWARD, where nobody has set one."""
    subjects = Subjects()
    registered(subjects, "a", ONE)
    assert subjects.level() == "BACKWARD"
    levelled(subjects, None, "none")
    assert (subjects.level(), subjects.problems("a", BAD)) == ("NONE", [])
    levelled(subjects, "a", "FULL")
    assert (subjects.level("a"), bool(subjects.problems("a", BAD))) == ("FULL", True)
    subjects.apply(*subjects.unsetting("a"))
    assert refusal(subjects.level, "a") == (404, 40408)
    assert refusal(subjects.unsetting, "a") == (404, 40408)
    subjects.apply(*subjects.unsetting(None))
    assert subjects.level() == "BACKWARD"


def test_what_is_deleted_is_still_known_by_its_id_until_it_is_deleted_for_good():
    """In two steps, as Confluent's has it; and its number is not given again."""
    subjects = Subjects()
    registered(subjects, "a", ONE)
    registered(subjects, "a", TWO)
    assert refusal(subjects.deleting, "a", None, for_good=True) == (404, 40405)
    assert refusal(subjects.deleting, "a", "2", for_good=True) == (404, 40407)
    for one in subjects.deleting("a", "2", for_good=False):
        subjects.apply(*one.gone(for_good=False))
    assert [one.version for one in subjects.versions("a")] == [1]
    assert [one.version for one in subjects.versions("a", deleted=True)] == [1, 2]
    assert subjects.by_id(2).text == TWO
    assert subjects.registering("a", TWO).version == 3
    for one in subjects.deleting("a", None, for_good=False):
        subjects.apply(*one.gone(for_good=False))
    assert (subjects.names(), subjects.names(deleted=True)) == ([], ["a"])
    assert refusal(subjects.deleting, "a", None, for_good=False) == (404, 40404)
    for one in subjects.deleting("a", None, for_good=True):
        subjects.apply(*one.gone(for_good=True))
    assert refusal(subjects.versions, "a", deleted=True) == (404, 40401)


def test_with_a_subject_its_level_goes():
    """Where it had one."""
    subjects = Subjects()
    assert subjects.unsetting_of("a") == []
    levelled(subjects, "a", "FULL")
    for entry in subjects.unsetting_of("a"):
        subjects.apply(*entry)
    assert refusal(subjects.level, "a") == (404, 40408)


def test_a_record_of_another_kind_changes_nothing():
    """Confluent's own registry writes such ones too."""
    subjects = Subjects()
    subjects.apply({"keytype": "NOOP", "magic": 0}, None)
    subjects.apply({"keytype": "DELETE_SUBJECT", "subject": "a", "magic": 0}, {"version": 1})
    subjects.apply({}, {})
    assert subjects.names() == []

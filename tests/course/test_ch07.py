from types import SimpleNamespace

import pandas
import pytest

from eventlab.course import ch07
from eventlab.course.ch07_contention import A_SECOND, WAITED
from eventlab.course.ch07_table import OWN, SHARED
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

WAITS = pandas.DataFrame(
    {
        "waiting_name": ["migration", "stock", "sales"],
        "blocking_name": ["nightly report", "migration", "migration"],
    }
)


def judged(name):
    return check("07.1", name, waits=WAITS)


def counts(shared, own, waited=0):
    rates = {f"{SHARED}: {A_SECOND}": shared, f"{OWN}: {A_SECOND}": own}
    return rates | {f"{SHARED}: {WAITED}": waited}


@pytest.mark.parametrize(
    ("grown", "outcome"),
    [(0.4, ch07.FEWER), (1.0, ch07.SAME), (2.0, ch07.SOME), (3.8, ch07.MORE)],
)
def test_the_outcome_is_by_how_much_all_get_done_more_than_one(grown, outcome):
    """At the shared table."""
    assert ch07.outcome(SimpleNamespace(grown=lambda: grown)) == outcome
    assert outcome in ch07.GUESSES


def test_the_reason_has_the_figures():
    """Those of both designs, and who waited."""
    figures = {"services": 4, "shared_a_second": 27.4, "own_a_second": 90.0}
    words = ch07.why(figures | {"handled": 40, "shared_waited": 30})
    assert "27 orders done a second at the shared table, and 90 with views" in words
    assert "Of 40 changes to the shared table 30 had to wait" in words


@pytest.mark.parametrize(
    ("shared", "own", "outcome"),
    [(27, 26, ch07.ALONE[2]), (27, 90, ch07.ALONE[1]), (90, 27, ch07.ALONE[0])],
)
def test_alone_the_outcome_is_read_from_the_scoreboard(shared, own, outcome):
    """So that reveal and scoreboard agree."""
    assert ch07.outcome_alone(counts(shared, own)) == outcome
    assert f"{shared} orders done a second at the table" in ch07.why_alone(counts(shared, own))


def test_a_scoreboard_without_figures_yet_is_no_error():
    """It has dashes then."""
    assert ch07.outcome_alone(counts("–", "–")) == ch07.ALONE[2]


@pytest.mark.parametrize("said", ["", "column does not exist"])
def test_what_the_database_said_is_quoted_where_it_said_something(said):
    """Where nothing failed it said nothing."""
    figures = {"look_ups": 120, "shared_failed": 30, "own_failed": 0}
    picture = SimpleNamespace(figures=lambda: figures, error=said)
    words = ch07.why_failed(picture)
    assert "30 of 120 look-ups failed at the shared table, 0 at views" in words
    assert ("The database said" in words) == bool(said)


@pytest.mark.broker
@pytest.mark.database
def test_a_stuck_table_is_shown_and_let_go(lab):
    """One reads, one waits for it, and all others wait behind that one."""
    database = lab.new_database()
    waits = ch07.stuck(database)
    pairs = set(zip(waits["waiting_name"], waits["blocking_name"], strict=True))
    readers = {(name, ch07.MIGRATION) for name in ("stock", "sales", "shipping")}
    assert pairs == {(ch07.MIGRATION, ch07.REPORT)} | readers
    assert "weight" in database.sql("select * from products").columns
    assert check("07.1", ch07.REPORT, waits=waits).state == "right"


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(...).state == "not yet"


@pytest.mark.parametrize("name", ["nightly report", " Nightly report "])
def test_who_waits_for_nobody_is_the_one(name):
    """However it is spelled."""
    assert judged(name).state == "right"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("migration", "2 connections wait for migration. But it waits itself"),
        ("sales", "Nobody waits for sales"),
        ("billing", "no connection 'billing'"),
        (["sales"], "a text. Found ['sales'] (list) for name"),
        (7, "a text. Found 7 (int) for name"),
    ],
)
def test_a_plausible_wrong_answer_is_helped_on(name, hint):
    """Each slip gets the sentence that mends it."""
    assert judged(name).state == "wrong"
    assert hint in judged(name).message


@pytest.mark.database
class TestChapter07(ChapterTests):
    """With one service alone there is nobody to wait for, and nobody's query to break."""

    number = "07"
    claims = ("07.contention", "07.rename", "07.short", "07.consistent")
    answers = (
        Answer("07.1", "solved", solution("07", 1), "right"),
        Answer("07.1", "most wait for it", 'everyone_waits_for = "migration"', "wrong"),
        Answer("07.1", "end of the line", 'everyone_waits_for = "shipping"', "wrong"),
    )

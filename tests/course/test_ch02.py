import re
from collections import Counter
from itertools import islice
from types import SimpleNamespace

import pandas
import pytest

from eventlab.course import ch02
from eventlab.events import Customer, Order, OrderCancelled, Payment, Shop, encode
from eventlab.live.theme import COLOURS
from eventlab.log import Batch
from eventlab.teach import check
from eventlab.teach.claim import Claim
from tests.course.harness import Answer, ChapterTests, outputs_of, solution

EVENTS = list(islice(Shop(seed=5, customers=6).only(Order, OrderCancelled, Payment), 120))
WEEKS = list(islice(Shop(seed=5, orders_per_hour=6, customers=20).only(Customer, Order), 300))
RIGHT = [{"cents": cents} if cents else None for cents in ch02.open_cents(EVENTS)]
SOLUTION = solution("02", 1)
NO_TOMBSTONE = SOLUTION.replace(" if amounts else None", "")
NEVER_TAKES_OFF = SOLUTION.replace('amounts.pop(event["order_id"], None)', "pass")
ONLY_A_ROW = SOLUTION.replace("return amounts, row", "return row")
MEETS_NONE = SOLUTION.replace("dict(known or {})", "dict(known)")


def judged(made):
    return check("02.1", made, events=EVENTS)


def of_source(source):
    """Return how the check judges a fold that a learner wrote."""
    names: dict = {}
    exec(source, names)
    return judged(ch02.folded(names["my_fold"], EVENTS))


# -- the table as it should be ------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 60, 120])
def test_the_right_table_is_what_one_counts_by_hand(number):
    """Orders add up; a payment and a cancellation each close one."""
    rows: dict = {}
    for event in EVENTS[:number]:
        row = rows.setdefault(event.customer_id, {"placed": 0, "open": 0})
        row["placed"] += isinstance(event, Order)
        row["open"] += 1 if isinstance(event, Order) else -1
    assert ch02.right_table(EVENTS)(number) == rows


def test_every_cell_that_is_wrong_counts_once():
    """One that differs, one that is missing, one that should not be there; in a frame or not."""
    expected = {"a": {"placed": 1, "open": 0}, "b": {"placed": 2, "open": 1}}
    found = {"a": {"placed": 1, "open": 7}, "c": {"placed": 2, "open": 1}}
    assert ch02.compare(expected, expected) == 0
    assert ch02.compare(found, expected) == 5
    assert ch02.compare(pandas.DataFrame.from_dict(found, orient="index"), expected) == 5


def killed_table(before, rows):
    counted = [{key: {"placed": number} for key, number in one.items()} for one in (before, rows)]
    return SimpleNamespace(before=counted[0], rows=counted[1])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"a": 5, "b": 3}, ch02.RIGHT),
        ({"a": 2, "b": 3}, ch02.ZERO),
        ({"a": 9, "b": 3}, ch02.TWICE),
        ({"a": 4, "b": 3}, ch02.MISSED),
        ({"b": 3}, ch02.MISSED),
    ],
)
def test_the_outcome_is_one_of_the_guesses(rows, words):
    """That which came true of the counts."""
    expected = {"a": {"placed": 5}, "b": {"placed": 3}}
    table = killed_table({"a": 3, "b": 3}, rows)
    assert ch02.outcome(table, expected) == words
    assert words in ch02.GUESSES


def test_why_has_the_run_s_own_figures():
    """What was counted at the kill, at the end, and what there was."""
    table = killed_table({"a": 3, "b": 3}, {"a": 2, "b": 3})
    said = ch02.why(table, {"a": {"placed": 5}, "b": {"placed": 3}})
    assert "6 orders were counted when" in said
    assert "and 5 at the end; 8 were placed" in said


# -- the join at the right time -----------------------------------------------------------------


def test_the_level_then_is_the_last_one_before_the_order():
    """As one finds it by going through the list."""
    levels: dict = {}
    then = {}
    for event in WEEKS:
        if isinstance(event, Customer):
            levels[event.customer_id] = event.level
        else:
            then[event.order_id] = levels[event.customer_id]
    assert ch02.levels_then(WEEKS) == then


def enriched(level):
    """Return an order as a join writes it, with the right level or a given one."""
    order = ch02.of_kind(WEEKS, Order)[0]
    right = ch02.levels_then(WEEKS)[order.order_id]
    return {"left": {"order_id": order.order_id}, "right": {"level": level or right}}


@pytest.mark.parametrize(("level", "mark", "wrong"), [(None, "right", 0), ("none", "wrong", 1)])
def test_a_wrong_level_is_counted_and_marked(level, mark, wrong):
    """On the scoreboard, and in the picture."""
    row = enriched(level)
    lab = SimpleNamespace(read=lambda topic: pandas.DataFrame([row]))
    assert ch02.levels_found(WEEKS)(lab) == {"orders joined": 1, "with a wrong level": wrong}
    batch = Batch()
    batch.fields = [row]
    assert ch02.judged(WEEKS)(batch) == {"level": [row["right"]["level"]], "mark": [mark]}


def test_the_bars_have_every_level_and_both_marks():
    """From the start, in one order."""
    encoding = ch02.level_bars(WEEKS).to_dict()["encoding"]
    assert encoding["y"]["scale"]["domain"] == ch02.LEVELS
    assert encoding["color"]["scale"]["domain"] == ["right", "wrong"]
    assert encoding["color"]["scale"]["range"] == [COLOURS["table"], COLOURS["broken"]]


def test_the_axis_holds_the_bars_of_both_runs():
    """Those by the levels then, and those by the last ones; no longer than the longest of them."""
    last = {one.customer_id: one.level for one in WEEKS if isinstance(one, Customer)}
    now = Counter(last[one.customer_id] for one in WEEKS if isinstance(one, Order))
    then = Counter(ch02.levels_then(WEEKS).values())
    most = max([*now.values(), *then.values()])
    assert now != then
    assert ch02.level_bars(WEEKS).to_dict()["encoding"]["x"]["scale"]["domain"] == [0, most]


# -- one flow, three places ---------------------------------------------------------------------


def test_what_is_still_open_is_what_nobody_ended():
    """As one counts it by hand, and nobody who has none."""
    right = ch02.right_table(EVENTS)(len(EVENTS))
    still_open = {key: {"open": row["open"]} for key, row in right.items() if row["open"]}
    assert ch02.still_open(EVENTS) == still_open


# -- the exercise -------------------------------------------------------------------------------


def test_what_the_check_expects_is_what_is_left():
    """All that a customer ordered, less what was paid or cancelled of it, after each event."""
    amounts = {one.order_id: one.amount_cents for one in EVENTS if isinstance(one, Order)}
    after = ch02.open_cents(EVENTS)
    for number, event in enumerate(EVENTS):
        so_far = [one for one in EVENTS[: number + 1] if one.customer_id == event.customer_id]
        signs = [1 if isinstance(one, Order) else -1 for one in so_far]
        open_now = sum(
            sign * amounts[one.order_id] for sign, one in zip(signs, so_far, strict=True)
        )
        assert after[number] == open_now


@pytest.mark.parametrize("blank", [..., None, [...]])
def test_blank_is_not_yet(blank):
    """The dots of the exercise are no answer."""
    assert judged(blank).state == "not yet"


@pytest.mark.parametrize(
    "blank",
    [
        "def my_fold(known, event): ...",
        "def my_fold(known, event): return None, None",
        "def my_fold(known, event): return ...",
    ],
)
def test_a_fold_that_makes_no_row_is_not_yet(blank):
    """So is the scaffold, as it is handed out."""
    assert of_source(blank).state == "not yet"


def test_the_solution_is_right():
    """As it is kept beside the chapter."""
    verdict = of_source(SOLUTION)
    assert verdict.state == "right"
    assert "open between them" in verdict.message


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (MEETS_NONE, "nothing is known: None"),
        (ONLY_A_ROW, "returns two things"),
        (NO_TOMBSTONE, "When the last order"),
        ("def my_fold(known, event): return event['cents']", "raised KeyError"),
        ("def my_fold(known, event): raise SystemExit", "raised SystemExit"),
        ("def my_fold(known): return known", "raised TypeError"),
        ("def my_fold(known, event): return known, {'cents'}", "A row is a dict"),
        ("def my_fold(known, event): return 1, 2, 3", "returns two things"),
        ("def my_fold(known, event): return known, {'cents': float('nan')}", "in place of"),
        ("my_fold = 5", "raised TypeError"),
    ],
    ids=[
        "meets None",
        "only a row",
        "no tombstone",
        "raises",
        "exits",
        "takes too little",
        "a set",
        "three things",
        "NaN",
        "no function",
    ],
)
def test_what_a_learner_s_fold_does_is_told_and_never_raised(source, words):
    """In a sentence that helps."""
    verdict = of_source(source)
    assert verdict.state == "wrong"
    assert words in verdict.message


def test_a_wrong_sum_is_told_with_its_place_in_the_story():
    """So that the learner can look at the event at which it happens."""
    first = next(i for i, event in enumerate(EVENTS) if not isinstance(event, Order))
    verdict = of_source(NEVER_TAKES_OFF)
    assert verdict.state == "wrong"
    assert f"After story[{first}], the {type(EVENTS[first]).__name__} of" in verdict.message


def test_an_exception_that_cannot_be_said_is_told_by_its_kind():
    """Whatever a learner raises."""

    class Odd(Exception):
        def __str__(self):
            raise ValueError("no words")

    def fold(known, event):
        raise Odd

    assert "Odd" in judged(ch02.folded(fold, EVENTS)).message


def test_a_fold_cannot_change_the_story():
    """Each event that it gets is its own."""

    def fold(known, event):
        event.clear()
        return known, {"cents": 1}

    before = [encode(event) for event in EVENTS]
    ch02.folded(fold, EVENTS)
    assert [encode(event) for event in EVENTS] == before


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"cents": 0}, "the row has to go"),
        (None, "What is kept"),
        (5, "A row is a dict"),
        ({"sum": 5}, "A row is a dict"),
        ({"cents": 5}, "has to be taken off"),
    ],
    ids=["no tombstone", "nobody", "no dict", "no cents", "wrong sum"],
)
def test_one_wrong_row_is_found_and_says_what_to_look_at(row, words):
    """Wherever it stands, though all others and the last table are right."""
    is_empty = row == {"cents": 0}
    place = next(number for number, right in enumerate(RIGHT) if (right is None) == is_empty)
    rows = [*RIGHT[:place], row, *RIGHT[place + 1 :]]
    verdict = judged(ch02.Written(rows))
    assert verdict.state == "wrong"
    assert words in verdict.message


@pytest.mark.parametrize("made", [5, "rows", [1], {"a": 1}, ch02.Written(RIGHT[:3])])
def test_what_no_fold_has_made_is_refused_in_a_line(made):
    """With what was expected."""
    verdict = judged(made)
    assert verdict.state == "wrong"
    assert "ch02.folded(my_fold, story)" in verdict.message


class TestChapter02(ChapterTests):
    """No store, the level of now, a reader of what is not committed, and scattered keys."""

    number = "02"
    claims = ("02.table", "02.survives", "02.enrich", "02.aborted", "02.same")
    answers = (
        Answer("02.1", "solved", SOLUTION, "right"),
        Answer("02.1", "no tombstone", NO_TOMBSTONE, "wrong"),
        Answer("02.1", "only a row", ONLY_A_ROW, "wrong"),
        Answer("02.1", "meets None", MEETS_NONE, "wrong"),
    )
    whole_when_broken = True

    def test_a_kill_with_no_order_after_it_puts_nothing_to_the_test(self, normal):
        """The claim that the counts go on right does not hold of it."""
        (claim,) = [one for one in normal.run.claims if one["claim"] == "02.survives"]
        figures = claim["figures"] | {"counted_before": claim["figures"]["placed"]}
        assert claim["holds"]
        assert not Claim("02.survives", "…", needs=claim["inequality"], figures=figures).holds

    def test_picture_scoreboard_reveal_and_claim_agree(self, normal, broken):
        """In the run as it is, and in the one that is broken."""
        for run, outcome in ((normal, ch02.RIGHT), (broken, ch02.ZERO)):
            said = outputs_of(run.own)
            (claim,) = [one for one in run.run.claims if one["claim"] == "02.survives"]
            on_the_board = [int(number) for number in re.findall(r"wrong cells now': (\d+)", said)]
            assert on_the_board[0] == claim["figures"]["wrong_cells"]
            assert f"came out as “{outcome}”" in said
            kept, lost = on_the_board
            assert f"With the store {kept} of 12 cells are wrong, without it {lost}." in said
            assert marked_in_the_still(run.own) == sum(on_the_board)


def marked_in_the_still(notebook):
    """Return how many cells are marked as wrong in what the stage has left in the notebook."""
    (cell,) = [cell for cell in notebook.cells if "stage = lab.stage(" in cell.source]
    return cell.outputs[0]["data"]["text/html"].count(", not ")

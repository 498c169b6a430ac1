import math
import re
from datetime import timedelta

import nbformat
import pandas
import pytest

from eventlab.course import ch19
from eventlab.course.ch19 import share_counted
from eventlab.course.chapters import chosen
from eventlab.events import delayed, two_days_of_flights
from eventlab.pictures.window_tally import share_words
from eventlab.teach import check, claims_in
from tests.course.harness import Answer, ChapterTests, solution

# Of 1,000 flights 900 come in time, 95 within the hour after, five much later.
REPORTS = list(delayed(two_days_of_flights()))
NEEDED = [-10.0] * 900 + [float(minute % 60) for minute in range(95)] + [300.0] * 5


def test_what_needs_exactly_the_grace_is_too_late():
    """A window is closed when stream time has reached its end and the grace."""
    assert share_counted(0, [-1, 0, 1]) == pytest.approx(1 / 3)
    assert share_counted(1, [-1, 0, 1]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("minutes", "state", "words"),
    [
        (..., "not yet", ""),
        (60, "right", "99.50%"),
        (30, "wrong", "wants 99.5%"),
        (65, "wrong", "60 would be too"),
        (400, "wrong", "later than it could"),
        (-5, "wrong", "0 or more"),
        ("an hour", "wrong", "'an hour'"),
        (True, "wrong", "True"),
    ],
)
def test_a_grace_is_long_enough_and_no_longer(minutes, state, words):
    """What is wrong is said in the terms of the question."""
    verdict = check("19.1", minutes, needed=NEEDED)
    assert verdict.state == state
    assert words in verdict.message


def test_the_bound_is_explained_to_who_has_reached_it():
    """To anybody else it would say that a minute more is all that is missing."""
    assert "exactly 55 minutes" in check("19.1", 55, needed=NEEDED).message
    assert "exactly" not in check("19.1", 30, needed=NEEDED).message


def test_the_way_of_the_hint_leads_to_a_right_answer():
    """The next step above the flight that has to be reached."""
    needed = ch19.needed_minutes(REPORTS)
    reach = needed.quantile(ch19.SHARE, interpolation="higher")
    my_grace = (math.floor(reach / ch19.STEP_MINUTES) + 1) * ch19.STEP_MINUTES
    assert check("19.1", my_grace, needed=needed.tolist()).state == "right"


def test_the_picture_says_enough_for_the_first_time_at_the_right_answer():
    """The way of the other hint: what it says is rounded down, as in the verdict."""
    needed = ch19.needed_minutes(REPORTS)

    def said(grace):
        return share_words(int((needed < grace).sum()), len(needed))

    assert (said(315), said(320)) == ("99.46%", "99.58%")
    assert "99.46%" in check("19.1", 315, needed=needed.tolist()).message
    assert check("19.1", 320, needed=needed.tolist()).state == "right"


@pytest.mark.parametrize(
    ("flight", "too_late", "state", "words"),
    [
        (..., [], "not yet", "Replace the dots"),
        (12, ["12"], "right", "Flight 12"),
        ("12", ["12"], "right", "Flight 12"),
        (12, [], "wrong", "0 flights"),
        (1, ["1", "2", "3"], "wrong", "3 flights"),
        (3, ["12"], "wrong", "not 3"),
        (None, ["12"], "not yet", ""),
        ([3], ["12"], "wrong", "such as 3. Found [3] (list) for flight"),
    ],
)
def test_exactly_one_event_is_too_late(flight, too_late, state, words):
    """Neither none nor several, and it is the one that is named."""
    verdict = check("19.2", flight, too_late=too_late)
    assert verdict.state == state
    assert words in verdict.message


@pytest.mark.parametrize("seed", range(6))
def test_the_lines_of_the_hint_make_exactly_one_flight_too_late(seed):
    """As they stand in the notebook, on each bench."""
    (chapter,) = chosen(("19",))
    text = "\n".join(cell.source for cell in nbformat.read(chapter.path, as_version=4).cells)
    (lines,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names = {"bench": ch19.bench(REPORTS, seed), "timedelta": timedelta}
    exec(lines, names)
    assert (
        check("19.2", names["my_flight"], too_late=ch19.too_late(names["bench"])).state == "right"
    )


LAY_OUT = ("bench = lab.show(",)
ALL_LATE = "bench.set(grace=timedelta(0), length=timedelta(minutes=1))\nmy_flight = 1"
ANOTHER = solution("19", 2).replace("= first.id", "= 2")


def test_a_count_is_compared_window_by_window():
    """With what is missing and what is too much; an hour is wrong if one of its windows is."""
    noon, one = pandas.Timestamp("2013-03-07T12:00Z"), pandas.Timestamp("2013-03-07T13:00Z")
    expected = pandas.Series({("JFK", noon): 3, ("LGA", noon): 2, ("JFK", one): 1})
    found = pandas.Series({("JFK", noon): 2, ("LGA", noon): 2, ("LGA", one): 1})
    assert ch19.compare(expected, expected) == ch19.Compared(0, 0, 2, 0)
    assert ch19.compare(found, expected) == ch19.Compared(windows=3, hours=2, of=2, flights=3)


def test_the_oracle_counts_the_airlines_own_list():
    """All of it, and each flight once."""
    assert ch19.departures_by_hour(REPORTS).sum() == len(REPORTS)
    assert ch19.departures_by_hopping_hour(REPORTS).sum() == 4 * len(REPORTS)
    assert ch19.departures_by_session(REPORTS).sum() == len(REPORTS)


def test_who_needs_exactly_the_grace_is_missing():
    """In the oracle too."""
    needed = ch19.needed_minutes(REPORTS)
    grace = ch19.HOUR
    assert len(ch19.missed_by(REPORTS, grace)) == (needed >= 60).sum()
    assert 0 in ch19.missed_by(REPORTS, timedelta(minutes=needed.max()))


def test_a_result_comes_later_with_each_grace_and_never_if_it_is_too_long():
    """Where the stream ends before, nobody knows it."""
    after = [ch19.minutes_after_the_hour(REPORTS, hours * ch19.HOUR) for hours in (0, 1, 8)]
    assert after == sorted(after)
    assert ch19.minutes_after_the_hour(REPORTS, 99 * ch19.HOUR) == math.inf


def test_without_reasons_nobody_says_by_how_much():
    """An empty topic has no columns."""
    assert ch19.said_missed_by(pandas.DataFrame()) == []


@pytest.mark.parametrize(
    ("wrong", "words"), [(0, "none"), (5, "about 5"), (20, "about 20"), (46, "all or nearly all")]
)
def test_so_many_hours_are_one_of_the_guesses(wrong, words):
    """Of 46."""
    assert ch19.hours_in_words(wrong, 46) == words


@pytest.mark.parametrize(
    ("missing", "words"), [(9, "about 20"), (319, "about 300"), (748, "about 700")]
)
def test_so_many_flights_are_one_of_the_guesses(missing, words):
    """Of all."""
    assert ch19.missing_in_words(missing, len(REPORTS)) == words
    assert ch19.missing_in_words(len(REPORTS), len(REPORTS)) == "nearly all"


def test_the_reveal_without_grace_has_the_figures_of_the_run():
    """What was kept of what is missing."""
    assert "none of them" in ch19.why_without_grace({"missing": 7, ch19.KEPT: 0}, 10)
    assert "whose hour was still open is counted" in ch19.why_without_grace(
        {"missing": 7, ch19.KEPT: 0}, 10
    )
    assert "7 of 10 flights" in ch19.why_without_grace({"missing": 7, ch19.KEPT: 7}, 10)


@pytest.mark.parametrize("seed", range(6))
def test_nobody_is_too_late_on_the_bench_before_one_moves_a_flight(seed):
    """Whichever hour the seed has chosen."""
    bench = ch19.bench(REPORTS, seed)
    assert ch19.too_late(bench) == []
    assert 5 < len(bench.scenario.events) < 60


def test_a_flight_is_said_in_the_airlines_words():
    """Its number and its way."""
    row = {"carrier": "B6", "flight_number": 12, "origin": "JFK", "destination": "BOS"}
    assert ch19.flight_words(row | {"delay_minutes": 5}) == "B6 12, JFK to BOS, 5 min late"
    assert ch19.flight_words(row | {"delay_minutes": -5}) == "B6 12, JFK to BOS, 5 min early"


class TestChapter19(ChapterTests):
    """Nobody waits, and what was too late is not kept."""

    number = "19"
    claims = ("19.arrival", "19.grace", "19.dropped", "19.kinds")
    answers = (
        Answer("19.1", "solved", solution("19", 1), "right"),
        Answer("19.1", "too little", "my_grace = 60", "wrong"),
        Answer("19.1", "too much", "my_grace = 480", "wrong"),
        Answer("19.2", "solved", solution("19", 2), "right", again=LAY_OUT),
        Answer("19.2", "none too late", "my_flight = 1", "wrong", again=LAY_OUT),
        Answer("19.2", "all too late", ALL_LATE, "wrong", again=LAY_OUT),
        Answer("19.2", "another one", ANOTHER, "wrong", again=LAY_OUT),
    )
    whole_when_broken = True

    def test_picture_scoreboard_reveal_and_claims_agree(self, normal):
        """On what is counted and missing, in the run as it is and in the broken one beside it."""
        board = scoreboard(normal.own)
        claimed = figures(normal.own)
        right, broken = board["missing"]
        assert right == claimed["19.dropped"]["missing"] == board[ch19.KEPT][0]
        assert broken == claimed["19.grace"]["missing_at_once"]
        assert board["counted"][0] == claimed["19.dropped"]["counted"]
        assert board[ch19.KEPT][1] == 0
        assert f"{broken:,} of {claimed['19.dropped']['sent']:,} flights" in words_of(normal.own)

    def test_broken_they_agree_too(self, broken):
        """Whatever is missing is said to be, though nobody kept why."""
        board = scoreboard(broken.own)
        claimed = figures(broken.own)["19.dropped"]
        assert board["missing"] == [claimed["missing"]] * 2
        assert board["counted"] == [claimed["counted"]] * 2
        assert board[ch19.KEPT] == [claimed["reasons"]] * 2 == [0, 0]
        assert f"{claimed['missing']:,} of {claimed['sent']:,} flights" in words_of(broken.own)


def scoreboard(notebook):
    """Return the whole numbers of the stage's scoreboard by name, one for each run."""
    html = next(data["text/html"] for data in outputs(notebook) if "<figure>" in html_of(data))
    rows = re.findall(r'<th scope="row"[^>]*>([^<]*)</th>(.*?)</tr>', html)
    cells = {name: re.findall(r"<td[^>]*>([^<]*)</td>", rest) for name, rest in rows}
    numbers = {name: [one.replace(",", "") for one in found] for name, found in cells.items()}
    return {
        name: [int(one) for one in found]
        for name, found in numbers.items()
        if all(one.isdigit() for one in found)
    }


def figures(notebook):
    """Return the figures of each claim."""
    return {claim["claim"]: claim["figures"] for claim in claims_in(notebook)}


def outputs(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [output.get("data", {}) for cell in code for output in cell.outputs]


def html_of(data):
    return data.get("text/html", "")


def words_of(notebook):
    return "\n".join(data.get("text/plain", "") for data in outputs(notebook))

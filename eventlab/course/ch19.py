"""Chapter 19: what counts of flights are compared with, and which grace is long enough."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas

from eventlab.events import Delivery
from eventlab.flows import Running
from eventlab.lab.verbs import Verbs
from eventlab.moments import duration_milliseconds
from eventlab.pictures import WindowPicture
from eventlab.pictures.bench import WindowBench
from eventlab.pictures.window_tally import share_words
from eventlab.teach.exercises import Wrong, takes

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
GAP = timedelta(minutes=20)
SHARE = 0.995
STEP_MINUTES = 5
KEPT = "flow kept"  # with its own grace, wherever the slider stands
HOURS_WRONG = ["none", "about 5", "about 20", "all or nearly all"]
MISSING = ["about 20", "about 100", "about 300", "about 700", "nearly all"]
_FEW_HOURS = 12
_NEARLY_ALL = 0.8
_MINUTE = 60_000
_NAMES = ["airport", "start"]
_BENCH_HOURS = 6
FIRST_BENCH_HOUR = datetime(2013, 3, 7, 12, tzinfo=UTC)


# -- the experiment --


def picture(
    lab: Verbs, flow: Running, *, grace: timedelta, expected: Sequence[Delivery]
) -> WindowPicture:
    """Return the picture of the flights of a run, and of the hours that its flow counts them in."""
    return WindowPicture(
        lab.topic("flights"),
        lab.topic("departures"),
        lab.topic("late"),
        length=HOUR,
        grace=grace,
        flow=flow,
        arrived="departed_at",
        value="departures",
        words=flight_words,
        clock="America/New_York",
        expected=expected,
    )


def flight_words(row: dict[str, Any]) -> str:
    """Return a flight's number, its way, and how late it left."""
    delay = row["delay_minutes"]
    left = f"{delay} min late" if delay >= 0 else f"{-delay} min early"
    flight = f"{row['carrier']} {row['flight_number']}"
    return f"{flight}, {row['origin']} to {row['destination']}, {left}"


def kept(lab: Verbs) -> dict[str, int]:
    """Return how many of the missing flights were kept with the reason, for the scoreboard."""
    return {KEPT: len(lab.read("late"))}


def run_again(
    lab: Verbs, per_hour: Callable[..., Running], grace: timedelta, reports: Sequence[Delivery]
) -> pandas.Series:
    """Run the learner's flow over the log once more, to the end; return what it counted.

    It ends as if no more could come: all windows close. It writes to the topic `again`.
    """
    flow = per_hour(lab, grace)
    flow.until(len(reports))
    flow.stop(close_windows=True)
    flow.wait()
    return counts(lab.read("again"))


def curve(
    lab: Verbs,
    per_hour: Callable[..., Running],
    reports: Sequence[Delivery],
    minutes: Sequence[int],
) -> pandas.DataFrame:
    """Return what each grace gave when the learner's flow ran with it, and when pandas says.

    Columns: `grace` and `result_after` (the hour's end, the median), in minutes, `counted` and
    `missing`, in flights.
    """
    rows = []
    for grace in minutes:
        wait = timedelta(minutes=grace)
        counted = int(run_again(lab, per_hour, wait, reports).sum())
        after = minutes_after_the_hour(reports, wait)
        missing = len(reports) - counted
        rows.append({"grace": grace, "counted": counted, "missing": missing, "result_after": after})
    return pandas.DataFrame(rows)


@dataclass(frozen=True)
class Steps:
    """The least that a step of a curve gains and costs, and what its two ends miss."""

    fewest_gained: int
    least_minutes_more: float
    missing_at_once: int
    missing_at_the_end: int


def steps(curve: pandas.DataFrame) -> Steps:
    """Return the figures of a curve that its claim needs."""
    grown = curve[["counted", "result_after"]].diff().dropna()
    return Steps(
        fewest_gained=int(grown["counted"].min()),
        least_minutes_more=float(grown["result_after"].min()),
        missing_at_once=int(curve["missing"].iloc[0]),
        missing_at_the_end=int(curve["missing"].iloc[-1]),
    )


# -- what is right: pandas over the airline's own list --


def airline_list(reports: Sequence[Delivery]) -> pandas.DataFrame:
    """Return the airline's own list, in the order of the reports: airport, due, arrived."""
    return pandas.DataFrame(
        [(one.event.origin, one.at, one.arrives_at) for one in reports],  # type: ignore[attr-defined]
        columns=["airport", "due", "arrived"],
    )


def departures_by_hour(reports: Sequence[Delivery]) -> pandas.Series:
    """Return how many flights were due in each hour at each airport."""
    flights = airline_list(reports)
    return flights.groupby(["airport", flights["due"].dt.floor("h")]).size()


def counts_by_arrival(flights: pandas.DataFrame) -> pandas.Series:
    """Return the counts of one who puts each record into the hour in which its report came."""
    came = pandas.to_datetime(flights["departed_at"], utc=True)
    return flights.groupby(["origin", came.dt.floor("h")]).size()


def counts(windows: pandas.DataFrame) -> pandas.Series:
    """Return what a flow's windows hold in the end, from the records that it wrote."""
    starts = pandas.to_datetime(windows["start"], unit="ms", utc=True)
    return windows.assign(start=starts).groupby(["key", "start"])["value"].last()


@dataclass(frozen=True)
class Compared:
    """How many windows and hours are wrong, of how many hours, and by how many flights in all."""

    windows: int
    hours: int
    of: int
    flights: int


def compare(found: pandas.Series, expected: pandas.Series) -> Compared:
    """Compare counts by airport and start with those that are right."""
    difference = found.rename_axis(_NAMES).sub(expected.rename_axis(_NAMES), fill_value=0)
    is_wrong = difference.ne(0)
    by_start = is_wrong.groupby("start").any()
    return Compared(
        windows=int(is_wrong.sum()),
        hours=int(by_start.sum()),
        of=len(by_start),
        flights=int(difference.abs().sum()),
    )


def stream_times(reports: Sequence[Delivery]) -> pandas.Series:
    """Return where the watermark stood at each report: the greatest due time so far."""
    return airline_list(reports)["due"].cummax()


def needed_minutes(reports: Sequence[Delivery]) -> pandas.Series:
    """Return how far the watermark was past the end of each flight's hour when its report came."""
    end = airline_list(reports)["due"].dt.floor("h") + HOUR
    needed: pandas.Series = (stream_times(reports) - end).dt.total_seconds() / 60
    return needed


def minutes_after_the_hour(reports: Sequence[Delivery], grace: timedelta) -> float:
    """Return how long after its end an hour's result is there, the median over the hours.

    It is there when a report has moved the watermark past the end and the grace. That may be a
    little early, when a flight leaves before its time; hours that are open to the end come last.
    """
    flights = airline_list(reports)
    ends = pandas.Series((flights["due"].dt.floor("h") + HOUR).unique())
    first = stream_times(reports).searchsorted(ends + grace)
    came = flights["arrived"].reindex(first).reset_index(drop=True)
    waits = (came - ends).dt.total_seconds().fillna(float("inf"))
    return float(waits.median() / 60)


def missed_by(reports: Sequence[Delivery], grace: timedelta) -> list[int]:
    """Return by how many milliseconds each flight that has to be missing came too late."""
    missed = needed_minutes(reports) * _MINUTE - duration_milliseconds(grace)
    return sorted(int(one) for one in missed if one >= 0)


def said_missed_by(late: pandas.DataFrame) -> list[int]:
    """Return by how many milliseconds each flight came too late, as the reasons say."""
    if late.empty:
        return []
    stream_time = late["arrival"].map(lambda arrival: arrival["stream_time"])
    return sorted((stream_time - late["closed"]).astype(int).tolist())


# -- other windows --


def departures_by_hopping_hour(reports: Sequence[Delivery]) -> pandas.Series:
    """Return how many flights were due in each hour that begins at a quarter."""
    flights = airline_list(reports)
    latest = flights["due"].dt.floor("15min")
    starts = pandas.concat([flights.assign(start=latest - n * QUARTER) for n in range(4)])
    return starts.groupby(_NAMES).size()


def departures_by_session(reports: Sequence[Delivery]) -> pandas.Series:
    """Return how many flights each run had in which no gap was longer than twenty minutes."""
    flights = airline_list(reports).sort_values("due").reset_index(drop=True)
    is_after_gap = flights.groupby("airport")["due"].diff() > GAP
    session = is_after_gap.groupby(flights["airport"]).cumsum()
    first = flights.groupby(["airport", session])["due"].transform("min")
    return flights.groupby(["airport", first]).size()


# -- the bench --


def bench(reports: Sequence[Delivery], seed: int) -> WindowBench:
    """Lay one hour of JFK's first day on the bench, in windows of a quarter of an hour."""
    return WindowBench(
        one_hour(reports, seed),
        time="due",
        key="airport",
        length=QUARTER,
        grace=3 * QUARTER,
    )


def one_hour(reports: Sequence[Delivery], seed: int) -> pandas.DataFrame:
    """Return the reports of one hour of the first day at JFK, in the order in which they came."""
    flights = airline_list(reports)
    hour = FIRST_BENCH_HOUR + (seed % _BENCH_HOURS) * HOUR
    is_chosen = (flights["due"].dt.floor("h") == hour) & (flights["airport"] == "JFK")
    chosen: pandas.DataFrame = flights[is_chosen].reset_index(drop=True)
    return chosen


def too_late(bench: WindowBench) -> list[str]:
    """Return the numbers of the flights that are too late on the bench now."""
    numbers: list[str] = bench.result.late["id"].unique().tolist()
    return numbers


# -- guesses --


def hours_in_words(wrong: int, of: int) -> str:
    """Return which of HOURS_WRONG so many hours are."""
    if wrong == 0:
        return HOURS_WRONG[0]
    if wrong <= _FEW_HOURS:
        return HOURS_WRONG[1]
    return HOURS_WRONG[3] if wrong > _NEARLY_ALL * of else HOURS_WRONG[2]


def missing_in_words(missing: int, of: int) -> str:
    """Return which of MISSING so many flights are."""
    if missing > _NEARLY_ALL * of:
        return MISSING[-1]
    return min(MISSING[:-1], key=lambda words: abs(int(words.split()[-1]) - missing))


def why_by_arrival(compared: "Compared") -> str:
    """Return why a count by arrival is wrong."""
    return (
        f"{compared.hours} of {compared.of} hours are wrong: a late flight is missing from its own"
        " hour, and is one too many in the hour in which its report came."
    )


def why_without_grace(counts: dict[str, Any], of: int) -> str:
    """Return what became of the flights that came too late in the broken run."""
    missing = counts["missing"]
    kept = f"{counts[KEPT]:,} of them" if counts[KEPT] else "none of them"
    return (
        f"{missing:,} of {of:,} flights are missing: when their reports came, the watermark had"
        " already reached the end of their hour. A late flight whose hour was still open is"
        f" counted. Kept with the reason: {kept}."
    )


# -- the exercises --


@takes("a number of minutes, and by how many minutes each flight came after its window's end")
def check_1(minutes: float, *, needed: Sequence[float]) -> str:
    """Judge a grace by what it would have counted, and by what a shorter one would have."""
    if minutes < 0:
        raise Wrong(f"A grace is a number of minutes, 0 or more; this is {minutes!r}.")
    counted = share_words(_number_counted(minutes, needed), len(needed))
    if share_counted(minutes, needed) < SHARE:
        is_near = share_counted(minutes + STEP_MINUTES, needed) >= SHARE
        bound = f" A flight that needs exactly {minutes:g} minutes is too late for it."
        raise Wrong(
            f"With {minutes:g} minutes {counted} of the flights are counted. The airline wants"
            f" {SHARE:.1%}.{bound if is_near else ''}"
        )
    shorter = minutes - STEP_MINUTES
    if shorter >= 0 and share_counted(shorter, needed) >= SHARE:
        raise Wrong(
            f"{minutes:g} minutes are enough, and {shorter:g} would be too: every result comes"
            " later than it could."
        )
    return f"{minutes:g} minutes count {counted} of the flights, and five less would not do."


@takes("the number of the flight that is too late, such as 3")
def check_2(flight: int | str, *, too_late: Sequence[str]) -> str:
    """Judge which events are too late on the bench: only the one that is named."""
    if len(too_late) != 1:
        raise Wrong(
            f"{len(too_late)} flights are too late on the bench, and it should be exactly one."
            " Watch where the watermark stands when a flight comes, and when its window closes."
        )
    if str(flight).strip() != too_late[0]:
        raise Wrong(f"Exactly one flight is too late, but it is not {flight!r}. Point at it.")
    return f"Flight {too_late[0]} is too late, and no other."


def share_counted(minutes: float, needed: Sequence[float]) -> float:
    """Return the share of the events that a grace of so many minutes lets in.

    A window is closed when stream time has reached its end and the grace, so what needs exactly so
    many minutes is too late. A number below zero says that the window had not ended at all.
    """
    return _number_counted(minutes, needed) / len(needed)


def _number_counted(minutes: float, needed: Sequence[float]) -> int:
    return sum(one < minutes for one in needed)

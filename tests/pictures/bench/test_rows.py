from datetime import UTC

import pandas
import pytest

from eventlab.errors import UsageError
from eventlab.pictures.bench.rows import events_of
from tests.pictures.bench.cases import NOON, SECOND, event


def test_rows_become_events_in_their_order():
    """Numbered from 1, with what the named columns hold."""
    times, sides = [NOON + 5 * SECOND, NOON], ["right", "left"]
    frame = pandas.DataFrame({"at": times, "who": [7, 8], "paid": [2, None], "from": sides})
    first, second = events_of(frame, time="at", key="who", value="paid", side="from")
    assert (first.id, first.time, first.key, first.value, first.side) == (
        "1",
        NOON + 5 * SECOND,
        "7",
        2.0,
        "right",
    )
    assert (second.id, second.value) == ("2", None)


@pytest.mark.parametrize(
    "time",
    [
        NOON,
        NOON.replace(tzinfo=None),
        pandas.Timestamp(NOON).tz_convert("Asia/Tokyo"),
        event(1, 0).milliseconds,
    ],
    ids=["aware", "naive", "elsewhere", "milliseconds"],
)
def test_times_of_every_kind_are_understood(time):
    """All of them mean the same moment, in UTC."""
    (made,) = events_of([{"timestamp": time}])
    assert (made.time, made.time.tzinfo, made.key) == (NOON, UTC, "")


def test_events_stay_what_they_are():
    """Whoever has made them has named them too."""
    assert events_of([event(3, 1), event(1, 2)]) == (event(3, 1), event(1, 2))


@pytest.mark.parametrize(
    ("rows", "names", "words"),
    [
        ([{"at": NOON}], {}, "no column 'timestamp'"),
        ([{"timestamp": "soon"}], {}, "holds no times"),
        ([{"timestamp": NOON}, {"timestamp": None}], {}, "1 rows without one"),
        ([{"timestamp": NOON, "v": "much"}], {"value": "v"}, "holds no numbers"),
        ([{"timestamp": NOON}], {"side": "s"}, "no column 's'"),
    ],
)
def test_rows_without_what_is_needed_are_refused(rows, names, words):
    """The error names the column and the remedy."""
    with pytest.raises(UsageError, match=words):
        events_of(rows, **names)


def test_iso_times_of_mixed_precision_are_taken():
    """With fractions of a second or without, and with a zone of their own."""
    texts = ["2025-03-03T12:00:00Z", "2025-03-03T12:00:00.500Z", "2025-03-03T13:00+01:00"]
    made = events_of([{"timestamp": text} for text in texts])
    times = [one.time for one in made]
    assert times == [NOON, NOON + SECOND / 2, NOON]


@pytest.mark.parametrize("key", [None, float("nan"), pandas.NA, pandas.NaT])
def test_a_missing_key_is_no_word(key):
    """It is not called nan."""
    (made, _) = events_of([{"timestamp": NOON, "key": key}, {"timestamp": NOON, "key": "a"}])
    assert made.key == ""

import math
import statistics
from datetime import UTC, datetime, timedelta

import numpy
import pytest

from eventlab.errors import ServiceError, UsageError
from eventlab.services.load_report import (
    FAILED,
    REFUSED,
    RESET,
    STOPPED,
    TIMED_OUT,
    TOO_MANY,
    UNSENT,
    LoadReport,
    status_words,
)

START = datetime(2026, 1, 31, tzinfo=UTC)


def report(*rows: tuple) -> LoadReport:
    """Return a report of rows (planned, lateness, latency, status)."""
    planned, lateness, latency, status = zip(*rows, strict=True) if rows else ((), (), (), ())
    return LoadReport(
        START,
        numpy.array(planned, dtype=float),
        numpy.array(lateness, dtype=float),
        numpy.array(latency, dtype=float),
        numpy.array(status, dtype=numpy.int16),
    )


def test_it_counts_how_requests_ended():
    """The most frequent first."""
    statuses = [200, 503, 200, TIMED_OUT, UNSENT, 200, 503]
    made = report(*[(0, 0, 0, status) for status in statuses])
    assert list(made.counts.items())[:2] == [("200", 3), ("503", 2)]
    assert made.counts == {"200": 3, "503": 2, "timeout": 1, "unsent": 1}


def test_percentiles_are_those_of_the_answers_and_the_timeouts():
    """Against the standard library; what was refused at once is no fast answer."""
    latencies = [(17 * n) % 101 / 1000 for n in range(101)]
    answered = [(n, 0, one, 200 if n % 2 else 503) for n, one in enumerate(latencies)]
    made = report(
        *answered,
        *[(0, 0, 0.0, status) for status in (REFUSED, RESET, FAILED, STOPPED)],
        (0, math.nan, math.nan, UNSENT),
        (0, math.nan, math.nan, TOO_MANY),
    )
    cuts = statistics.quantiles([1000 * one for one in latencies], n=100, method="inclusive")
    found = made.percentiles(50, 95, 99, 100)
    assert list(found.values()) == pytest.approx([cuts[49], cuts[94], cuts[98], 100.0])
    assert list(made.percentiles()) == [50, 95, 99, 99.9]
    slow = report(*answered[:1], (0, 0, 5.0, TIMED_OUT))
    assert slow.percentiles(100) == {100: 5000.0}


def test_availability_and_rate_are_of_what_was_sent():
    """The rate from the first sending to the last."""
    made = report(
        (0.0, 0.5, 1, 200),
        (1.0, 0.0, 1, 302),
        (2.0, 0.5, 1, 404),
        (3.0, math.nan, math.nan, UNSENT),
    )
    assert (made.sent, len(made)) == (3, 4)
    assert made.availability == pytest.approx(2 / 3)
    assert made.rate_per_second == 1.0
    assert math.isnan(report().availability)
    assert math.isnan(report((0, 0, 0, 200)).rate_per_second)


def test_its_frame_has_a_row_for_each_request():
    """Moments, milliseconds and words."""
    frame = report((1.5, 0.25, 1.0, 200), (2.0, math.nan, math.nan, TOO_MANY)).frame()
    assert frame["planned_at"][0] == START + timedelta(seconds=1.5)
    assert frame.iloc[0, 1:].tolist() == [1.5, 250.0, 1000.0, 750.0, "200"]
    assert frame["status"].tolist() == ["200", "too many"]
    assert frame["response_ms"].isna().tolist() == [False, True]
    assert len(report().frame()) == 0


def test_it_refuses_when_the_generator_was_late():
    """By its own plan; a slow service is no reason."""
    kept_up = report(*[(n, 0.001, 60.0, 200) for n in range(1000)])
    assert kept_up.require_kept_up() is kept_up
    late = [(n, 0.5 if n % 50 == 0 else 0.001, 1.0, 200) for n in range(1000)]
    with pytest.raises(ServiceError, match=r"within 10 ms.*500\.0 ms.*Lower rate_per_second"):
        report(*late).require_kept_up()
    assert len(report(*late).require_kept_up(0.6)) == 1000
    assert report(*late).lateness_percentiles(100) == {100: 500.0}


def test_one_that_was_not_sent_is_not_kept_up():
    """Too many were under way."""
    with pytest.raises(ServiceError, match="1 not sent"):
        report((0, 0, 0, 200), (0, math.nan, math.nan, TOO_MANY)).require_kept_up()


def test_every_status_has_words():
    """Those of HTTP their number."""
    assert [status_words(one) for one in (200, TIMED_OUT, REFUSED)] == ["200", "timeout", "refused"]


@pytest.mark.parametrize("share", [-1, 101, float("nan"), "99", None])
def test_a_share_that_is_none_is_refused(share):
    """With one clear error."""
    with pytest.raises(UsageError, match="shares"):
        report((0, 0, 0, 200)).percentiles(share)


@pytest.mark.parametrize("limit", [0, -1, float("nan"), None])
def test_a_limit_that_is_none_is_refused(limit):
    """With one clear error."""
    with pytest.raises(UsageError, match="limit_seconds"):
        report().require_kept_up(limit)

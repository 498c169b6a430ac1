"""Moments as milliseconds since 1970."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.log.moments import milliseconds, required_moment

MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=-30))]))


@given(MOMENTS)
def test_a_moment_loses_less_than_a_millisecond(moment):
    """Going there and back gives the millisecond in which the moment lies, in any time zone."""
    back = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds(moment))
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


@pytest.mark.parametrize("moment", [None, "2025-03-03", 5, datetime(2025, 3, 3)])
def test_what_has_no_time_zone_is_no_moment(moment):
    """Only an aware datetime is taken, and the error names what was given."""
    with pytest.raises(UsageError, match=r"since is no moment.*time zone") as caught:
        required_moment("since", moment)
    assert caught.value.found == repr(moment)

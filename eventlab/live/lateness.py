"""How late events come, as a histogram whose bins grow from a second to a day."""

from bisect import bisect_left

import altair as alt

from eventlab.live.theme import COLOURS

_SECOND, _MINUTE, _HOUR = 1_000, 60_000, 3_600_000
# The upper ends of the bins, in milliseconds; the first holds what came in order.
_ENDS = [0, _SECOND, 10 * _SECOND, _MINUTE, 10 * _MINUTE, _HOUR, 24 * _HOUR]
BINS = ["in order", "1 s", "10 s", "1 min", "10 min", "1 h", "1 day", "more"]


def bin_of(late: int) -> str:
    """Return the name of the bin for a lateness in milliseconds: the first that is as long."""
    return BINS[bisect_left(_ENDS, late)]


def lateness_chart(topic: str) -> alt.LayerChart:
    """Return a chart over the data "live", with the columns `late` (a bin), `events` and `what`."""
    base = alt.Chart(alt.NamedData("live"), title=f"How late the events of {topic} come").encode(
        x=alt.X(
            "late:N", title="behind stream time, up to", sort=BINS, axis=alt.Axis(labelAngle=0)
        ),
        y=alt.Y("events:Q", title="events"),
        color=alt.Color(
            "what:N",
            scale=alt.Scale(
                domain=["in order", "late"], range=[COLOURS["on_time"], COLOURS["late"]]
            ),
            legend=None,
        ),
    )
    words = base.mark_text(dy=-8).encode(
        text=alt.Text("events:Q", format=","), color=alt.value("#333333")
    )
    return alt.layer(base.mark_bar(), words)

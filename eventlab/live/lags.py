"""Lag over time: how many records of each partition are not read yet."""

import altair as alt

from eventlab.live.theme import CATEGORIES


def lags_chart(reader: str) -> alt.LayerChart:
    """Return a chart over the data "live", with the columns `at`, `partition` and `lag`."""
    data = alt.Chart(alt.NamedData("live"))
    areas = data.mark_area().encode(
        x=alt.X("at:T", title="time"),
        y=alt.Y("lag:Q", title="records not read yet", stack="zero"),
        color=alt.Color(
            "partition:N",
            title="partition",
            scale=alt.Scale(range=CATEGORIES),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=["partition:N", "lag:Q"],
    )
    # Without it, a lag of nothing stands in the middle of an axis from nothing to nothing.
    at_least_one = data.mark_rule(opacity=0).encode(y=alt.datum(1))
    return alt.layer(areas, at_least_one, title=f"Lag of {reader}")

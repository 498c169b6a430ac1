"""Lag over time: how many records of each partition are not read yet."""

import altair as alt

from eventlab.live.theme import CATEGORIES

# How much the axes show at least: else they begin with parts of a record, and of a second.
_RECORDS, _MILLISECONDS = 4, 10_000


def lags_chart(reader: str) -> alt.LayerChart:
    """Return a chart over the data "live", with the columns `at`, `partition` and `lag`."""
    data = alt.Chart(alt.NamedData("live"))
    areas = data.mark_area().encode(
        x=alt.X("at:T", title="time", axis=alt.Axis(format="%H:%M:%S")),
        y=alt.Y(
            "lag:Q",
            title="records not read yet",
            stack="zero",
            axis=alt.Axis(tickMinStep=1, format=",d"),
        ),
        color=alt.Color(
            "partition:N",
            title="partition",
            scale=alt.Scale(range=CATEGORIES),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=["partition:N", "lag:Q"],
    )
    room = data.transform_aggregate(first="min(at)").mark_point(opacity=0)
    room = room.transform_calculate(until=f"datum.first + {_MILLISECONDS}")
    room = room.encode(x="until:T", y=alt.datum(_RECORDS))
    return alt.layer(areas, room, title=f"Lag of {reader}")

"""Lag over time: how many records of each partition are not read yet."""

import altair as alt

from eventlab.live.theme import CATEGORIES


def lags_chart(reader: str) -> alt.Chart:
    """Return a chart over the data "live", with the columns `at`, `partition` and `lag`."""
    return (
        alt.Chart(alt.NamedData("live"), title=f"Lag of {reader}")
        .mark_area()
        .encode(
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
    )

"""The lanes of a log: a lane a partition, a tick a record, a triangle a reader's place."""

from collections.abc import Sequence

import altair as alt

from eventlab.live.theme import COLOURS, categories

OTHERS = "others"
READER = "reader"
CHOSEN = "chosen reader"


def lanes_chart(
    partitions: int, highlights: Sequence[str], *, unit: str = "records"
) -> alt.LayerChart:
    """Return a chart over the data "live", whose rows are records and readers' places.

    A row has `id` (its own key, so that a reader's place replaces the one before), `partition`,
    `offset` and `group`: one of `highlights` or OTHERS for a record, READER or CHOSEN for a place;
    `what` says in words what it is.
    """
    names = [*highlights, OTHERS, READER, CHOSEN]
    hues = [*categories(len(highlights)), COLOURS["muted"], COLOURS["reader"], COLOURS["chosen"]]
    base = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X(
            "offset:Q", title="offset in the partition", scale=alt.Scale(zero=True, nice=False)
        ),
        y=alt.Y("partition:O", title="partition", scale=alt.Scale(domain=list(range(partitions)))),
        color=alt.Color(
            "group:N",
            title=None,
            scale=alt.Scale(domain=names, range=hues),
            legend=alt.Legend(orient="top", values=[*highlights, READER, CHOSEN], symbolOpacity=1),
        ),
        tooltip=[alt.Tooltip("what:N", title=unit)],
    )
    is_reader = f"datum.group === '{READER}' || datum.group === '{CHOSEN}'"
    records = base.transform_filter(f"!({is_reader})")
    quiet = records.transform_filter(f"datum.group === '{OTHERS}'").mark_tick(
        thickness=1, bandSize=18, yOffset=-8, opacity=0.5
    )
    loud = records.transform_filter(f"datum.group !== '{OTHERS}'").mark_tick(
        thickness=3, bandSize=24, yOffset=-8, opacity=1
    )
    places = base.transform_filter(is_reader).mark_point(
        shape="triangle-up", filled=True, size=70, yOffset=14, opacity=0.9
    )
    return alt.layer(quiet, loud, places).properties(height=70 * partitions)

"""The lanes of a log: a lane a partition, a tick a record, a triangle a reader's place."""

from collections.abc import Sequence

import altair as alt

from eventlab.live.theme import COLOURS, categories

OTHERS = "others"
READER = "reader"
CHOSEN = "chosen reader"

_LANE_PIXELS, _PITCH_PIXELS = 28, 56
_AROUND_PIXELS = 80  # the legend above, the axis below


def lanes_chart(
    partitions: int, highlights: Sequence[str], *, can_choose: bool = True, unit: str = "records"
) -> alt.LayerChart:
    """Return a chart over the data "live", whose rows are records and readers' places.

    A row has `id` (its own key, so that a reader's place replaces the one before), `partition`,
    `offset` and `group`: one of `highlights` or OTHERS for a record, READER or CHOSEN for a place;
    `what` says in words what it is. `can_choose` tells whether there is a CHOSEN one.
    """
    names = [*highlights, OTHERS, READER, CHOSEN]
    explained = [*highlights, READER, *([CHOSEN] if can_choose else [])]
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
            legend=alt.Legend(orient="top", values=explained, symbolOpacity=1),
        ),
        tooltip=[alt.Tooltip("what:N", title=unit)],
    )
    ticks = {"yOffset": -8, "size": _LANE_PIXELS}
    triangle = {"shape": "triangle-up", "filled": True, "yOffset": 16, "opacity": 1}
    quiet = _of(base, [OTHERS]).mark_tick(thickness=1, opacity=0.5, **ticks)
    loud = _of(base, highlights).mark_tick(thickness=3, opacity=1, **ticks)
    places = _of(base, [READER]).mark_point(size=80, stroke="white", strokeWidth=0.5, **triangle)
    chosen = _of(base, [CHOSEN]).mark_point(size=120, **triangle)
    height = _PITCH_PIXELS * partitions + _AROUND_PIXELS
    return alt.layer(quiet, loud, places, chosen).properties(height=height)


def _of(base: alt.Chart, groups: Sequence[str]) -> alt.Chart:
    return base.transform_filter(alt.FieldOneOfPredicate(field="group", oneOf=list(groups)))

"""A join as two lanes of events, those that wait and those that found each other."""

import altair as alt

from eventlab.live.theme import COLOURS

WAITING, MATCHED, ALONE, PAIR = "waiting", "matched", "alone", "pair"
LEFT, RIGHT = 1.0, 0.0  # the lanes' places
LANE = 0.7  # how much of its lane the events of a side take

_HEIGHT_PIXELS = 240


def joins_chart(left: str, right: str) -> alt.LayerChart:
    """Return a chart over the data "live", whose rows are events and pairs.

    A row has `id` and `what`: WAITING, MATCHED or ALONE with `at` (milliseconds), `lane` and
    `words`; or PAIR with `at`, `lane`, `until` and `other_lane`. `left` and `right` name the sides.
    """
    names = f"datum.value == {LEFT} ? '{left}' : '{right}'"
    base = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X("at:T", title="event time (UTC)", scale=alt.Scale(type="utc")).axis(
            format="%d %b %H:%M"
        ),
        y=alt.Y(
            "lane:Q",
            title=None,
            scale=alt.Scale(domain=[RIGHT - 0.1, LEFT + LANE + 0.1], nice=False),
            axis=alt.Axis(
                values=[RIGHT, LEFT], labelExpr=names, grid=False, labelBaseline="bottom"
            ),
        ),
        color=alt.Color(
            "what:N",
            title=None,
            scale=alt.Scale(
                domain=[WAITING, MATCHED, ALONE],
                range=[COLOURS["stream"], COLOURS["join"], COLOURS["late"]],
            ),
            legend=alt.Legend(orient="top", symbolOpacity=1, symbolFillColor="white"),
        ),
    )
    pairs = _only(base, PAIR).mark_rule(color=COLOURS["join"], opacity=0.5)
    pairs = pairs.encode(x2="until:T", y2="other_lane:Q", color=alt.value(COLOURS["join"]))
    hollow = _only(base, WAITING).mark_point(size=40, strokeWidth=1.5, opacity=1)
    filled = _only(base, MATCHED, ALONE).mark_point(size=40, filled=True, opacity=1)
    words = alt.Tooltip("words:N", title="event")
    dots = [one.encode(tooltip=[words]) for one in (hollow, filled)]
    return alt.layer(pairs, *dots).properties(height=_HEIGHT_PIXELS)


def _only(data: alt.Chart, *kinds: str) -> alt.Chart:
    return data.transform_filter(alt.FieldOneOfPredicate(field="what", oneOf=list(kinds)))

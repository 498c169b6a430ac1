"""A square for each order, in rows, coloured by what has become of it."""

from typing import NamedTuple

import altair as alt

from eventlab.pictures.layers import only

_SIDE = 0.85  # of the place that each one has


class Squares(NamedTuple):
    """The layer of squares, and the places of columns and rows, for what is drawn above them."""

    layer: alt.Chart
    across: alt.X
    down: alt.Y


def squares_of(
    live: alt.Chart,
    hues: dict[str, str],
    *,
    columns: float,
    rows: float,
    above: float,
    folds_below: int,
) -> Squares:
    """Return a square for each row of the kind "order", by its `column`, `row` and `state`.

    `hues` are the colours of the states; their legend is folded in pictures of less than so many
    pixels. Above the first row there is room for `above` rows more.
    """
    across = alt.X("left:Q", scale=alt.Scale(domain=[0, columns], nice=False), axis=None)
    down = alt.Y("top:Q", scale=alt.Scale(domain=[rows, -above], nice=False), axis=None)
    folded = alt.ExprRef(f"width < {folds_below} ? 2 : 5")
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=list(hues), range=list(hues.values())),
        legend=alt.Legend(orient="bottom", title=None, columns=folded),
    )
    layer = (
        only(live, ["order"], field="kind")
        .transform_calculate(
            left="datum.column",
            right=f"datum.column + {_SIDE}",
            top="datum.row",
            bottom=f"datum.row + {_SIDE}",
        )
        .mark_rect()
        .encode(x=across, x2="right:Q", y=down, y2="bottom:Q", color=colour, tooltip="state:N")
    )
    return Squares(layer, across, down)

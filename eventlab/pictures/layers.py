"""What the charts of the pictures have in common: each of their layers draws some of the rows."""

from collections.abc import Sequence
from typing import TypeVar

import altair as alt

# Altair says of a layered chart that it may be a faceted one; of ours none is.
Layers = alt.LayerChart | alt.FacetChart

Drawn = TypeVar("Drawn", bound=alt.Chart)


def only(data: Drawn, kinds: Sequence[str], *, field: str = "what") -> Drawn:
    """Return the chart with only those rows whose `field` is one of `kinds`."""
    return data.transform_filter(alt.FieldOneOfPredicate(field=field, oneOf=list(kinds)))

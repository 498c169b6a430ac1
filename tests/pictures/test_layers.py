import altair as alt

from eventlab.pictures.layers import only


def test_a_layer_draws_some_of_the_rows():
    """Those whose field is one of the kinds."""
    chart = only(alt.Chart(alt.NamedData("live")), ["late", "lost"]).mark_point()
    assert chart.to_dict()["transform"] == [
        {"filter": {"field": "what", "oneOf": ["late", "lost"]}}
    ]

"""A plan in words, for those who cannot see it."""

from eventlab.pictures.plan_words import plan_words
from tests.pictures.plans import COUNTS, JOINS, graph


def test_a_plan_is_said_from_its_sources_to_its_end():
    """With what each step does, and what it keeps."""
    assert plan_words(graph(COUNTS)) == (
        "Rows come from the topic orders, stream ORDERS. Then: filter PRICE > 10; group by ITEM; "
        "aggregate COUNT(*), which keeps a result for each group; select ITEM, N. "
        "They go to the answer."
    )


def test_a_join_says_what_comes_in():
    """By its topic."""
    words = plan_words(graph(JOINS))
    assert words.startswith(
        "Rows come from the topic orders, stream ORDERS and the topic payments, stream PAYMENTS "
        "and the topic items, table ITEMS."
    )
    assert (
        "join on ID = ORDER_ID, within 1 h, with the topic payments, stream PAYMENTS, "
        "which keeps events that may find a partner;" in words
    )

"""The last pieces: who got one, and who got one that is not there."""

from eventlab.course.ch07_selling import OVERSOLD, Selling
from eventlab.course.ch07_table import OWN, SHARED
from tests.course import shops
from tests.course.shops import STORY, Service


def picture(*, sells=True):
    shared = [Service("web shop, shared"), Service("branch, shared", found=False)]
    own = [Service("web shop, own"), Service("branch, own", found=sells)]
    designs = shops.both(shared, own)
    return Selling(shops.lab(), designs, STORY, pieces=4), designs


def test_what_is_sold_beyond_the_pieces_is_counted():
    """Eight orders for two products: four times each, at two counters."""
    selling, _ = picture()
    selling._take_all(shops.batch(8))
    selling._take_all(shops.batch(8))  # there are no more
    selling.settle()
    assert selling.figures() == {
        "pieces": 8,
        "shared_sold": 8,
        "shared_oversold": 0,
        "own_oversold": 8,
    }
    assert selling.scores() == {f"{SHARED}: {OVERSOLD}": 0, f"{OWN}: {OVERSOLD}": 8}


def test_each_customer_is_a_square():
    """In the row of the product, one beside the other."""
    selling, designs = picture()
    selling._take_all(shops.batch(8))
    rows = selling.chart.rows
    assert {state: rows["state"].count(state) for state in ("sold", "sold out", "oversold")} == {
        "sold": 16,
        "sold out": 8,
        "oversold": 8,
    }
    assert set(rows["row"]) == {"Ball", "Shirt", ""}
    assert max(rows["number"]) == 7
    assert designs.shared[0].asked[0] == {"product_id": "p1", "writes": True}


def test_after_a_stop_nothing_is_sold():
    """The services may be gone by then."""
    selling, designs = picture()
    selling.stop()
    selling._take_all(shops.batch(8))
    assert designs.shared[0].asked == []

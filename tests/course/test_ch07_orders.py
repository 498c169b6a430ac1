"""Every picture of chapter 07 goes through the same orders, once."""

import altair

from eventlab.course.ch07_orders import EachOrder
from eventlab.live import LiveChart
from tests.course import shops
from tests.course.shops import STORY


class Taking(EachOrder):
    """One that keeps what it takes."""

    def __init__(self):
        spec = altair.Chart(altair.NamedData("live")).mark_point().encode(x="number:Q")
        super().__init__(shops.lab(), shops.both([], []), STORY[:5], LiveChart(spec, alt="Points"))
        self.taken = []

    def _take(self, order):
        self.taken.append((self._number, order))


def test_each_order_is_taken_once_in_the_order_of_the_story():
    """In batches of any size; what comes after the last one is nothing to it."""
    picture = Taking()
    for number in (2, 1, 9):
        picture._take_all(shops.batch(number))
    picture.settle()
    assert picture.taken == list(enumerate(STORY[:5]))


def test_stopped_it_takes_no_more():
    """Also of what it was given already."""
    picture = Taking()
    picture._take_all(shops.batch(2))
    picture.stop()
    picture._take_all(shops.batch(2))
    assert len(picture.taken) == 2

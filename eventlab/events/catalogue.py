"""The people and the goods of the shop: who they are before anything happens."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, product
from math import sqrt
from typing import Generic, NamedTuple, TypeVar

from eventlab.events.contracts import Level
from eventlab.events.timeline import Draw

Item = TypeVar("Item")

LEVELS: tuple[Level, ...] = ("bronze", "silver", "gold", "platinum")
COUNTRIES = ("DE", "FR", "GB", "ES", "IT", "PL")
CATEGORIES = ("books", "fashion", "garden", "home", "sport", "toys")

_COUNTRY_WEIGHTS = (30, 22, 20, 12, 10, 6)
_LEVEL_SHARES: tuple[tuple[Level, float], ...] = (
    ("platinum", 0.05),
    ("gold", 0.20),
    ("silver", 0.50),
    ("bronze", 1.0),
)
_FIRST_NAMES = {
    "DE": ("Anna", "Felix", "Jürgen", "Lena", "Max", "Sophie"),
    "FR": ("Camille", "Chloé", "Hugo", "Louis", "Manon", "René"),
    "GB": ("Alice", "Emily", "George", "Harry", "Olivia", "Thomas"),
    "ES": ("Álvaro", "Carmen", "Diego", "Inés", "Lucía", "Pablo"),
    "IT": ("Chiara", "Francesca", "Giulia", "Lorenzo", "Luca", "Matteo"),
    "PL": ("Agnieszka", "Jan", "Kasia", "Marek", "Piotr", "Zofia"),
}
_LAST_NAMES = {
    "DE": ("Becker", "Fischer", "Hoffmann", "Müller", "Schäfer", "Weber"),
    "FR": ("Bernard", "Dubois", "Lefèvre", "Martin", "Moreau", "Petit"),
    "GB": ("Brown", "Clarke", "Evans", "Smith", "Taylor", "Wright"),
    "ES": ("Díaz", "García", "López", "Moreno", "Ruiz", "Torres"),
    "IT": ("Bianchi", "Conti", "Ferrari", "Gallo", "Ricci", "Russo"),
    "PL": ("Kowalska", "Lis", "Nowak", "Pawlak", "Wójcik", "Zając"),
}
_MATERIALS = ("Oak", "Linen", "Copper", "Cotton", "Pocket", "Travel", "Classic", "Little")
_GOODS = (  # name, category, usual price in cents
    ("Table", "home", 18_900),
    ("Ball", "sport", 2_400),
    ("Atlas", "books", 3_200),
    ("Shirt", "fashion", 2_900),
    ("Puzzle", "toys", 1_600),
    ("Lantern", "garden", 3_900),
    ("Lamp", "home", 6_400),
    ("Racket", "sport", 7_900),
    ("Novel", "books", 1_400),
    ("Coat", "fashion", 12_900),
    ("Train", "toys", 4_900),
    ("Bench", "garden", 14_900),
)


class Choice(Generic[Item]):
    """Draw items by their weights, each draw from one number and in logarithmic time."""

    def __init__(self, items: Sequence[Item], weights: Sequence[float]) -> None:
        self.items = tuple(items)
        sums = list(accumulate(weights))
        self.shares = [weight / sums[-1] for weight in weights]
        # The last bound is left out: above it lies the last item, whatever rounding did.
        self._bounds = [bound / sums[-1] for bound in sums[:-1]]

    def __call__(self, number: float) -> Item:
        """Return the item that a number from 0 up to, and without, 1 falls on."""
        return self.items[bisect_right(self._bounds, number)]


QUANTITIES = Choice((1, 2, 3, 4, 5), (70, 18, 7, 3, 2))  # of the one product in an order


class Person(NamedTuple):
    """Hold what is fixed about a customer; `home_level` is the one they come back to."""

    customer_id: str
    name: str
    email: str
    home_level: Level
    country: str


class Good(NamedTuple):
    """Hold what is fixed about a product; its price moves about `list_price_cents`."""

    product_id: str
    name: str
    category: str
    list_price_cents: int


def people(count: int, draw: Draw) -> Choice[Person]:
    """Return the customers, as a choice in which the first in rank order the most.

    The weight falls with the square root of the rank; the level follows from it.
    """
    countries = Choice(COUNTRIES, _COUNTRY_WEIGHTS)
    everyone = [
        _person(number, _level((rank + 1) / count), countries(draw()), draw)
        for rank, number in enumerate(_shuffled(count, draw))
    ]
    return Choice(everyone, [1 / sqrt(rank) for rank in range(1, count + 1)])


def goods(count: int, draw: Draw) -> Choice[Good]:
    """Return the products, as a choice by Zipf's law: the popularity falls with the rank."""
    everything = [_good(number, draw) for number in _shuffled(count, draw)]
    return Choice(everything, [1 / rank for rank in range(1, count + 1)])


def price_cents(cents: float) -> int:
    """Return the price nearest below, as shops write them: ending in a nine, never nothing."""
    return max(9, int(cents) // 10 * 10 - 1)


def _shuffled(count: int, draw: Draw) -> list[int]:
    # Sorting by numbers drawn keeps to `random()`, whose sequence Python promises to keep.
    return sorted(range(1, count + 1), key=lambda _: draw())


def _level(rank: float) -> Level:
    return next(level for level, share in _LEVEL_SHARES if rank <= share)


def _person(number: int, level: Level, country: str, draw: Draw) -> Person:
    name = f"{_any(_FIRST_NAMES[country], draw)} {_any(_LAST_NAMES[country], draw)}"
    customer_id = f"c{number:04d}"
    return Person(customer_id, name, f"{customer_id}@example.com", level, country)


def _good(number: int, draw: Draw) -> Good:
    edition, kind = divmod(number - 1, len(_NAMED_GOODS))
    name, category, usual_cents = _NAMED_GOODS[kind]
    return Good(
        f"p{number:03d}",
        f"{name} {edition + 1}" if edition else name,
        category,
        price_cents(usual_cents * (0.7 + 0.6 * draw())),
    )


def _any(items: Sequence[Item], draw: Draw) -> Item:
    return items[int(draw() * len(items))]


_NAMED_GOODS = [
    (f"{material} {name}", category, cents)
    for material, (name, category, cents) in product(_MATERIALS, _GOODS)
]

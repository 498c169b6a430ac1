"""Services of chapter 07 that are none: they answer as they are told, and remember the asking."""

from types import SimpleNamespace

from eventlab.course.ch07_table import Both
from eventlab.errors import CallError
from eventlab.events import Order

PRODUCTS = [
    SimpleNamespace(product_id="p1", name="Ball", price_cents=10),
    SimpleNamespace(product_id="p2", name="Shirt", price_cents=20),
]
STORY = [
    SimpleNamespace(order_id=f"o{number}", product_id=f"p{1 + number % 2}", quantity=1)
    for number in range(8)
]


class Service:
    """One that waits for its row as long as it says, or fails with some words."""

    def __init__(self, name, *, waited=0.0, took=0.1, found=True, error="", works=0):
        self.name = name
        self.asked = []
        self.rows = []
        self.deployed = []
        self.error = error
        self._answer = {"waited_seconds": waited, "began": 1.0, "ended": 1.0 + took}
        self._answer |= {"found": found, "works": works}

    def ask(self, _path="/", *, json=None, timeout_seconds=5.0):
        if json is None:
            return self.rows
        self.asked.append(json)
        if self.error:
            raise CallError(
                "It failed", expected="an answer", found=self.error, remedy="Ask again."
            )
        return self._answer

    def redeploy(self, app):
        self.deployed.append(app)
        self.error = ""


class Database:
    """One whose rows and waits are as they are told."""

    url = "postgresql://none"

    def __init__(self, waits=(), rows=()):
        self._waits = list(waits)
        self.lock = "tuple"
        self._rows = list(rows)

    def connect(self, **_options):
        wanted = ("products", self.lock)
        found = [(1, waiting, 2, blocking, *wanted) for waiting, blocking in self._waits]
        return SimpleNamespace(execute=lambda _query: SimpleNamespace(fetchall=lambda: found))

    def sql(self, _query):
        return SimpleNamespace(to_dict=lambda _how: self._rows)


def both(shared, own, database=None):
    """Return two designs of these services."""
    names = [service.name.split(",")[0] for service in shared]
    return Both(names, PRODUCTS, database or Database(), shared, own)


def lab():
    """Return what has topics, of which nothing is read."""
    return SimpleNamespace(topic=lambda name: name)


def batch(count):
    """Return so many orders as they come from the log."""
    return SimpleNamespace(fields=[{}] * count)


def orders(*products: str) -> list[Order]:
    """Return an order of one piece for each of these products."""
    return [SimpleNamespace(product_id=product, quantity=1) for product in products]

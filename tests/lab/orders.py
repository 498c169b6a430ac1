"""A few orders."""

from itertools import islice

from eventlab.events import Shop


def orders(count, seed=1):
    """Return the first orders of a shop."""
    return list(islice(Shop(seed=seed).orders(), count))

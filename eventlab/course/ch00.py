"""Chapter 00: a consumer of one's own."""

from numbers import Integral

import pandas

from eventlab.teach.exercises import Wrong, takes


@takes("a whole number, the country's code, and the topic's orders as a DataFrame")
def check_1(count: int, *, country: str, orders: pandas.DataFrame) -> str:
    """Judge how many orders from one `country` the learner's consumer counted in the topic."""
    if not isinstance(count, Integral) or isinstance(count, bool):
        raise Wrong(f"Count the orders: expected a whole number, found {type(count).__name__}.")
    counts = orders["country"].value_counts()
    wanted = counts.get(country, 0)
    if count != wanted:
        raise Wrong(_why_not(count, wanted, country, counts))
    return f"{count:,} of {len(orders):,} orders go to {country}, and all of them are still there."


def _why_not(count: int, wanted: int, country: str, counts: pandas.Series) -> str:
    others = counts.index[counts == count]
    if count == counts.sum():
        return "These are all the orders. Count one only if its country is the one asked for."
    if count == 0:
        return f"Nothing was counted. Compare order['country'] with {country!r}, letter for letter."
    if len(others):
        return f"This is the number of orders to {others[0]}; asked for is {country}."
    if count < wanted:
        return (
            "There are more in the topic. Begin at its first offset ('auto.offset.reset': "
            "'earliest', and a group.id that has read nothing yet), and go on to its end."
        )
    return "There are fewer in the topic. Begin the count at 0, and count each message once."

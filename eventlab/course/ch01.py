"""Chapter 01: a key that keeps order and fills the partitions evenly."""

import pandas

from eventlab.teach.exercises import Wrong, takes

# The fullest partition over the average one. Hundreds of customers spread over a few partitions
# stay below it; countries, one of which has a large part of the orders, go beyond it.
MOST_SKEW = 1.5


@takes(
    "the orders as a DataFrame with partition and customer_id, and how many partitions there are"
)
def check_1(orders: pandas.DataFrame, *, partitions: int) -> str:
    """Judge the key by what it did: where each customer's orders lie, and how full each lane is."""
    if orders.empty:
        raise Wrong("The topic is empty. Play the orders into it with your key first.")
    scattered = scattered_customers(orders)
    skew = fullest_over_average(orders, partitions)
    if scattered:
        raise Wrong(
            f"{scattered:,} customers have orders in more than one partition, where no order holds "
            "between them. What must two orders have in common to stay in order?"
        )
    if skew > MOST_SKEW:
        raise Wrong(
            f"Each customer's order is kept, but the fullest partition holds {skew:.1f} times the "
            "average. A key with few values, or one large value, cannot be spread."
        )
    return (
        f"No customer is scattered, and the fullest partition holds {skew:.2f} times the average."
    )


def scattered_customers(orders: pandas.DataFrame) -> int:
    """Count the customers whose orders lie in more than one partition."""
    return int((orders.groupby("customer_id")["partition"].nunique() > 1).sum())


def fullest_over_average(orders: pandas.DataFrame, partitions: int) -> float:
    """Return the skew: the size of the fullest partition over the average, empty ones too."""
    return orders["partition"].value_counts().max() * partitions / len(orders)

"""What an aggregate function wants of the arguments that are written out."""

from eventlab.errors import SqlError, shown


def required_at_least_one(number: int, name: str) -> None:
    """Raise SqlError unless a number of values to keep is at least one."""
    if number < 1:
        raise SqlError(
            f"{name} is how many values are kept",
            expected="1 or more",
            found=shown(number),
            remedy="Keep at least one.",
        )

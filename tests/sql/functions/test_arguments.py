import pytest

from eventlab.errors import SqlError
from eventlab.sql.functions.arguments import required_at_least_one


def test_at_least_one_value_is_kept():
    """None would be no answer."""
    required_at_least_one(1, "k")
    with pytest.raises(SqlError, match="k is how many"):
        required_at_least_one(0, "k")

import pandas
import pytest

pytestmark = pytest.mark.broker


def test_a_claim_carries_the_kafka_it_was_made_with(lab):
    """The evidence names the version."""
    claim = lab.claim("77.one", "One is one", holds=pandas.Series([True]).all(), count=1)
    assert claim.as_dict()["versions"]["kafka"] == lab.broker.version
    assert claim.holds

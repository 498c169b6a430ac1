"""What a supervisor asks of what it holds, and who has all of it."""

import pytest

from eventlab.broker.node import Node
from eventlab.broker.plan import Plan
from eventlab.broker.supervised import Rules, Supervised
from eventlab.database.plan import ServerPlan
from eventlab.database.server import Server


def _public(kind: type) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


@pytest.mark.parametrize("kind", [Node, Server])
def test_both_have_all_that_a_supervisor_asks(kind):
    """Kafka's nodes and PostgreSQL are held, ended and frozen in the same way."""
    assert len(_public(Supervised)) > 10
    assert [name for name in _public(Supervised) if not hasattr(kind, name)] == []


@pytest.mark.parametrize("kind", [Plan, ServerPlan])
def test_both_plans_have_its_rules(kind):
    """Each says who is let in, how long it stays, and where its lock is."""
    has = {*dir(kind), *kind.__dataclass_fields__}
    assert _public(Rules) - has == set()

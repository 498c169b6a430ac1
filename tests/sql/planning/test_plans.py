from eventlab.sql.planning.plans import JoinTable, Project, Read, sources_of
from tests.sql.planning.planning import plan_of


def test_the_sources_of_a_plan_come_in_the_order_of_the_query():
    plan = plan_of(
        "SELECT o.id, code, shelf, paid FROM orders o"
        " JOIN payments p WITHIN 1 HOUR ON o.id = p.order_id"
        " JOIN items ON o.item = items.code;"
    )
    assert [source.name for source in sources_of(plan)] == ["ORDERS", "PAYMENTS", "ITEMS"]


def test_a_plan_is_a_chain_of_steps():
    plan = plan_of("SELECT item, code, shelf FROM orders JOIN items ON item = code;")
    assert isinstance(plan, Project)
    assert isinstance(plan.up, JoinTable)
    assert isinstance(plan.up.right, Read)

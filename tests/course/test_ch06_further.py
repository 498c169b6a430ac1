"""Versions of a contract, and a wall with a hole."""

import pytest

from eventlab.course import ch06, ch06_further
from eventlab.errors import ContractError
from tests.course.ch06_notebook import CHANGES, ORDER, WALL, keeping
from tests.log.schemas.made import contracts

STORY = ch06.story(7, 60)
RENAMED = ch06_further.with_field(ORDER, "amount", "int", in_place_of="amount_cents")
OPTIONAL = ch06_further.with_field(ORDER, "gift", "boolean", default=False)


def test_an_order_is_as_the_contract_has_it_when_it_is_placed():
    """Of each order one event, and it fits."""
    (contract,) = contracts(ORDER)
    orders = ch06_further.placed(STORY)
    assert [order["order_id"] for order in orders] == list(ch06.record(STORY))
    assert {order["state"] for order in orders} == {"placed"}
    assert contract.decode(contract.encode(orders[0])) == orders[0]


def test_a_schema_gets_a_field_more_or_another_one():
    """The first one stays as it is."""
    names = [field["name"] for field in ORDER["fields"]]
    assert [field["name"] for field in OPTIONAL["fields"]] == [*names, "gift"]
    renamed = [field["name"] for field in RENAMED["fields"]]
    assert set(renamed) == set(names) - {"amount_cents"} | {"amount"}
    assert [field["name"] for field in ORDER["fields"]] == names


@pytest.mark.parametrize("schema", [ORDER, RENAMED, OPTIONAL])
def test_orders_are_written_as_a_version_knows_them(schema):
    """Whatever its fields are."""
    (contract,) = contracts(schema)
    (written, *_) = ch06_further.written(ch06_further.placed(STORY), contract)
    assert contract.decode(contract.encode(written)) == written


@pytest.mark.broker
@pytest.mark.parametrize("level", ["FULL", "NONE"])
def test_what_breaks_readers_is_refused_and_what_does_not_stops_nobody(lab, level):
    """Unless nobody looks: then each reader misses what the other version wrote."""
    topic, registry = lab.new_topic("versions"), lab.new_registry()
    first = registry.contract(topic, ORDER, compatibility=level)
    orders = ch06_further.placed(STORY)
    lab.produce(orders[:10], into=topic, contract=first)
    old = lab.view("old", keeping(["amount_cents"]), of=topic, contract=first)
    refusals = []
    second = ch06_further.first_allowed(registry, topic, [RENAMED, OPTIONAL], refusals)
    lab.produce(ch06_further.written(orders[10:], second), into=topic, contract=second)
    new = lab.view("new", keeping(["customer_id"]), of=topic, contract=second)
    found = ch06_further.versions(old, new, orders, refusals)
    count = len(orders)
    right = {"FULL": (1, count, count), "NONE": (0, 10, count - 10)}[level]
    assert (found["refused"], found["old_has"], found["new_has"]) == right
    assert found["orders"] == count


@pytest.mark.broker
def test_where_all_versions_are_refused_the_last_reason_is_raised(lab):
    """As the registry gave it; those before it are noted."""
    topic, registry = lab.new_topic("versions"), lab.new_registry()
    registry.contract(topic, ORDER, compatibility="FULL")
    refusals = []
    with pytest.raises(ContractError, match="amount_cents is gone"):
        ch06_further.first_allowed(registry, topic, [RENAMED, RENAMED], refusals)
    assert len(refusals) == 1


@pytest.mark.broker
@pytest.mark.parametrize("has_contract", [True, False])
def test_a_hole_in_the_wall_is_found_by_whoever_made_it(lab, has_contract):
    """The service stops, and mended nothing is missing; without a contract the readers stop."""
    desk, journal = lab.new_topic("desk"), lab.new_topic("journal")
    contract = ch06.contract(lab, journal, ORDER) if has_contract else None
    fields = {"warehouse": ["product_id", "state"], "loyalty": ["customer_id", "state"]}
    views = {
        name: lab.view(name, keeping(some), of=journal, contract=contract)
        for name, some in fields.items()
    }
    file = ch06.inside_of(lab)
    forgetful = ch06.OrdersService(file, CHANGES, WALL[:2], contract)
    service = lab.subscribe("orders", forgetful, to=desk, into=journal)
    lab.produce(ch06.with_changes(STORY, 3), into=desk)
    before = ch06_further.when_it_stands(service, views, STORY)
    assert before["refused"] == has_contract
    assert before["published"] == (45 if has_contract else 60)
    assert ("'product_id'" in before["said"]) is has_contract
    mended = ch06.OrdersService(file, CHANGES, WALL, contract)
    lab.subscribe("orders", mended, to=desk, into=journal)
    found = ch06_further.after_mending(before, views, fields, STORY)
    assert found["right"] == (2 if has_contract else 1)
    assert found["consumers_stopped"] == (0 if has_contract else 1)
    assert found["consumers"] == 2

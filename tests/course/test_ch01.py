from collections import Counter
from itertools import islice
from typing import NamedTuple

import msgspec
import pandas
import pytest

from eventlab.course import ch01
from eventlab.events import Shop, encode
from eventlab.teach import check
from tests.course.harness import OTHER_SEEDS, Answer, ChapterTests, executed, solution

PARTITIONS = 4


def lanes(partition_of) -> pandas.DataFrame:
    """Return 1,200 orders of 299 customers, half of them in one country, laid out in lanes."""
    orders = pandas.DataFrame({"order": range(1200)})
    orders["customer_id"] = orders["order"] % 299
    orders["country"] = orders["customer_id"] % 8 // 4 * (orders["customer_id"] % 4 + 1)
    orders["partition"] = orders.apply(partition_of, axis=1) % PARTITIONS
    return orders


def judged(orders):
    """Judge a key that lays the orders out like this."""
    return check("01.1", "country", laid_out=lambda _key: orders, partitions=PARTITIONS)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert check("01.1", ..., laid_out=lanes, partitions=PARTITIONS).state == "not yet"


def test_the_customer_as_the_key_is_right():
    """It keeps each customer's order, and many customers fill the lanes evenly."""
    verdict = judged(lanes(lambda order: order["customer_id"]))
    assert verdict.state == "right"
    assert "the fullest partition holds 1.00 times the average" in verdict.message


def test_a_key_that_differs_with_each_order_is_wrong():
    """Even lanes are not enough: nothing holds a customer's orders together."""
    verdict = judged(lanes(lambda order: order["order"]))
    assert verdict.state == "wrong"
    assert "299 customers have orders in more than one partition" in verdict.message


@pytest.mark.parametrize(
    ("key", "skew"), [(lambda order: order["country"], "2.5"), (lambda order: 0, "4.0")]
)
def test_a_key_with_few_values_is_wrong(key, skew):
    """A country, or one constant for all, keeps the order and leaves lanes empty."""
    verdict = judged(lanes(key))
    assert verdict.state == "wrong"
    assert f"the fullest partition holds {skew} times the average" in verdict.message


def test_what_is_no_field_says_so():
    """And which fields there are."""
    verdict = check("01.1", "customer", laid_out=lanes, partitions=PARTITIONS)
    assert verdict.state == "wrong"
    assert "'customer' is no field of an order. Its fields are " in verdict.message
    assert "customer_id" in verdict.message


# -- what the core compares ----------------------------------------------------------------------

SHOP = Shop(seed=7, customers=6)
STORY = list(islice(SHOP.orders(), 60))


class Message(NamedTuple):
    """A message as a consumer gets it."""

    at: tuple[int, int]
    bytes_of_it: bytes

    def partition(self):
        """Return the number of its partition."""
        return self.at[0]

    def offset(self):
        """Return its offset."""
        return self.at[1]

    def value(self):
        """Return its bytes."""
        return self.bytes_of_it


class Reader(NamedTuple):
    """A reader that has read."""

    readings: list
    position: dict


def read(partition_of):
    """Return the story as one reads it who takes partition after partition."""
    ends = Counter()
    messages = []
    for order in STORY:
        partition = partition_of(order)
        messages.append(Message((partition, ends[partition]), encode(order)))
        ends[partition] += 1
    return sorted(messages)


def customer(order):
    """Return the number of the customer."""
    return int(order.customer_id[1:])


def number(order):
    """Return the order's own number, over four partitions."""
    return int(order.order_id[1:]) % 4


def test_with_the_customer_as_the_key_nothing_crosses():
    """Among all orders much does."""
    found = ch01.compare(read(customer), STORY)
    assert found["sent"] == found["read"] == 60
    assert found["crossings"] == found["out_of_order"] == 0
    assert found["crossings_in_topic"] > 0


def test_without_it_lines_cross_and_orders_come_out_of_order():
    """A reader gets a customer's later order before an earlier one."""
    found = ch01.compare(read(number), STORY)
    assert found["crossings"] > 0
    assert found["out_of_order"] > 0


def test_a_run_that_is_broken_from_the_start_is_said_to_be():
    """No topic then shows what the customer as the key would have done."""
    kept = ch01.why_crossings({"crossings": 0}, {"crossings": 179})
    assert kept.startswith("In the first topic 0 steps led into another lane, in the second 179.")
    broken = ch01.why_crossings({"crossings": 178}, {"crossings": 179})
    assert broken.startswith("Neither topic kept a customer in one lane. In the first topic 178 ")


def test_the_wrong_way_round_in_one_partition_is_a_crossing():
    """A log that kept no order would not hold the claim."""
    messages = [Message((0, 60 - n), encode(order)) for n, order in enumerate(STORY)]
    customers = len({order.customer_id for order in STORY})
    assert ch01.compare(messages, STORY)["crossings"] == 60 - customers


def test_orders_that_were_not_read_are_missing():
    """And what was read is compared all the same."""
    found = ch01.compare(read(customer)[:10], STORY)
    assert (found["sent"], found["read"]) == (60, 10)


END = {0: 60}
WHOLE = read(customer)


STOOD = ch01.Standing(END, 60)


def replays(*readings, before=STOOD):
    """Return the figures of three readers with these readings, of whom the second went back."""
    readers = [Reader(each, END) for each in readings]
    return ch01.replays(readers, WHOLE, [before, before], again=2)


def test_readings_that_are_alike_change_nothing_for_the_others():
    """Three readers, and one of them once more."""
    found = replays([WHOLE], [WHOLE, WHOLE], [WHOLE])
    assert (found["alike"], found["read_again"]) == (3, 60)
    assert ch01.outcome(found) == ch01.NOTHING
    assert "read 60 orders again" in ch01.why(found)


def test_a_reader_that_was_sent_about_before_is_alike_too():
    """Its readings are stretches of the log that together are all of it."""
    found = replays([WHOLE], [WHOLE[:20], WHOLE[10:30], WHOLE], [WHOLE])
    assert (found["alike"], found["read_again"]) == (3, 60)


def test_readers_that_share_the_work_miss_orders():
    """Each has some of them."""
    found = replays(*([WHOLE[third::3]] for third in range(3)))
    assert found["alike"] == 0
    assert ch01.outcome(found) == ch01.MISS
    assert "Of 3 readers 0 have read all 60 orders" in ch01.why(found)


def test_readers_that_moved_or_got_orders_twice_would_be_noticed():
    """The other guesses can come out too."""
    moved = replays([WHOLE], [WHOLE, WHOLE], [WHOLE], before=ch01.Standing({0: 7}, 60))
    assert ch01.outcome(moved) == ch01.BACK
    twice = replays([WHOLE, WHOLE], [WHOLE, WHOLE], [WHOLE, WHOLE])
    assert ch01.outcome(twice) == ch01.TWICE


def test_a_reading_with_another_value_or_order_is_not_alike():
    """Values are compared, and their sequence, not only places."""
    wrong = [Message(message.at, b"{}") for message in WHOLE]
    backwards = WHOLE[::-1]
    assert replays([WHOLE], [WHOLE], [wrong])["alike"] == 2
    assert replays([WHOLE], [WHOLE], [backwards])["alike"] == 2


@pytest.mark.parametrize("seed", [7, 11, 4711])
def test_the_lanes_have_room_for_all_and_the_joined_customer_comes_first(seed):
    """Whose line has the first colour."""
    shop = Shop(seed=seed, customers=6)
    story = list(islice(shop.orders(), 240))
    look = ch01.look(shop, story, 120)
    assert len(look["highlight"]) == 6
    assert next(iter(look["highlight"])) == look["joined"] == story[0].customer_id
    assert 60 <= look["extent"] <= 120
    assert ch01.look(shop, story, 0)["pace"] == 0


def test_customers_go_by_their_first_names_as_long_as_these_differ():
    """A legend of six whole names is long where two runs stand side by side."""
    people = list(islice(Shop(seed=7, customers=6).customers(), 6))
    first = ch01._short_names(people)
    assert sorted(first.values()) == ["Diego", "Emily", "Francesca", "Hugo", "Sophie", "Thomas"]
    namesake = msgspec.structs.replace(people[0], customer_id="c99", name="Emily Brown")
    assert ch01._short_names([*people, namesake])["c99"] == "Emily Brown"
    assert "Emily Smith" in ch01._short_names([*people, namesake]).values()


class TestChapter01(ChapterTests):
    """Spread keys, one shared group, no batches and look-ups one by one: each flips its claim."""

    number = "01"
    claims = ("01.order", "01.replay", "01.batching", "01.old")
    answers = (
        Answer("01.1", "solved", solution("01", 1), "right"),
        Answer("01.1", "skewed", 'my_key = "country"', "wrong"),
        Answer("01.1", "scattered", 'my_key = "order_id"', "wrong"),
    )
    whole_when_broken = True

    @pytest.mark.parametrize("is_broken", [False, True])
    def test_scoreboard_reveal_and_claim_say_the_same(self, normal, broken, is_broken):
        """In the broken run too."""
        done = broken if is_broken else normal
        claims = {claim["claim"]: claim["figures"] for claim in done.run.claims}
        crossings = claims["01.order"]["crossings"]
        assert (crossings > 0) == is_broken
        said = plain_texts(done.own)
        alike = claims["01.replay"]["alike"]
        assert (alike < 10) == is_broken
        scores = {"readers who have read it all": f"{alike} of 10", "crossings": crossings}
        assert str(scores) in said
        revealed = ch01.MISS if is_broken else ch01.NOTHING
        assert f"It came out as “{revealed}”" in said
        assert f"In the first topic {crossings} steps" in said

    @pytest.mark.long
    @pytest.mark.parametrize("seed", OTHER_SEEDS)
    def test_another_story_flips_the_claims_too(self, tmp_path, seed):
        """Whatever the seed."""
        done = executed(self.number, tmp_path, SEED=seed, BREAK=True).run
        assert done.error == ""
        assert {claim["claim"] for claim in done.flipped} == set(self.claims)


def plain_texts(notebook):
    """Return what a notebook's outputs say in plain text."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("data", {}).get("text/plain", "") for output in outputs)

"""The picture of three copies: what they have wrong, while one is away and when it is back."""

import re
from itertools import islice
from types import SimpleNamespace

import pytest
import vl_convert

from eventlab.course.ch05 import COPIES, CUT_OFF, amounts_after
from eventlab.course.ch05_copies import CUT, JOIN, WRONG, Copies, copies_chart, outage_of, outages
from eventlab.errors import CallError
from eventlab.events import Shop
from eventlab.live.picture import still
from eventlab.services import Faults

CHANGES = list(islice(Shop(seed=7, products=12).stock(), 52))


class Link:
    """A link that remembers how it is set."""

    faults = Faults()

    def set(self, faults):
        self.faults = faults

    def heal(self):
        self.faults = Faults()


class Copy:
    """A copy that can be told."""

    def __init__(self, name):
        self.name = name
        self.amounts = {}
        self.is_away = False

    def ask(self, _path):
        if self.is_away:
            raise CallError("Away", expected="a", found="b", remedy="c")
        return {"offset": -1, "amounts": dict(self.amounts)}


class Scene:
    """Three copies without services, and the links to the one that is cut off."""

    def __init__(self):
        self.links = {("stock", CUT_OFF): Link(), (CUT_OFF, "log"): Link()}
        self.copies = [Copy(name) for name in COPIES]
        topic = SimpleNamespace(end_offsets=lambda: {0: 0})
        lab = SimpleNamespace(topic=lambda _name: topic, link=lambda *ends: self.links[ends])
        self.picture = Copies(lab, CHANGES, self.copies)

    def tell(self):
        """Tell all but those that are cut off, as a caller does that does not come back."""
        for number, change in enumerate(self.picture.story()):
            for copy in self.copies:
                if copy.name != CUT_OFF or number not in self.picture.outage:
                    copy.amounts[change.product_id] = change.on_hand
            self.picture.answered(None)

    def modes(self):
        return {link.faults.mode for link in self.links.values()}


@pytest.fixture
def scene():
    return Scene()


def test_what_a_copy_missed_is_wrong_in_it_alone(scene):
    """By the shop's own list, product by product."""
    scene.tell()
    scene.picture.settle()
    wrong = scene.picture.wrong()
    missed = CHANGES[: scene.picture.outage.start] + CHANGES[scene.picture.outage.stop :]
    differ = {
        product
        for product, amount in amounts_after(CHANGES).items()
        if amounts_after(missed)[product] != amount
    }
    assert set(wrong.pop(CUT_OFF)) == differ != set()
    assert list(wrong.values()) == [[], []]
    assert scene.picture.figures() == {
        "changes": 52,
        "while_cut_off": len(scene.picture.outage),
        "cells": 36,
        "wrong_cells": len(differ),
    }
    assert scene.picture.scores()[f"wrong in {CUT_OFF}"] == len(differ)


def test_what_is_wrong_twice_is_drawn_so(scene):
    """What is on its way just now is not."""
    scene.tell()
    scene.picture._draw()
    assert WRONG not in scene.picture.chart.rows["state"]
    scene.picture._draw()
    assert WRONG in scene.picture.chart.rows["state"]


def test_in_the_outage_no_way_leads_to_one_of_them():
    """Neither a call nor the log, for the changes that are counted as such."""
    schedule = outages(CHANGES)
    cut = outage_of(CHANGES)
    moments = [(change.at - CHANGES[0].at).total_seconds() for change in CHANGES]
    for way in (f"stock to {CUT_OFF}", f"{CUT_OFF} to log"):
        assert [n for n, at in enumerate(moments) if schedule.at(way, at)] == list(cut)


def test_a_button_cuts_off_and_lets_in(scene):
    """Both ways to it, and the picture says so."""
    scene.picture.acts()[CUT]()
    scene.picture._draw()
    assert scene.modes() == {"hang"}
    assert "cut off" in scene.picture.chart.rows["words"]
    scene.picture.acts()[JOIN]()
    scene.picture._draw()
    assert scene.modes() == {"pass"}
    assert "cut off" not in scene.picture.chart.rows["words"]


def test_what_is_on_its_way_is_no_damage(scene):
    """Neither in the picture nor in what is counted: it may be there at the next look."""
    picture = scene.picture
    scene.tell()
    right = dict(scene.copies[0].amounts)
    picture.settle()
    scene.copies[0].amounts = {}
    picture._look()
    assert len(picture.wrong()[COPIES[0]]) == 12
    assert picture.scores()[f"wrong in {COPIES[0]}"] == 0
    picture._draw()
    assert picture.scores()[f"wrong in {COPIES[0]}"] == 12
    scene.copies[0].amounts = right
    picture._draw()
    assert picture.scores()[f"wrong in {COPIES[0]}"] == 0


def test_a_copy_that_does_not_answer_is_away_and_the_others_go_on(scene):
    """Nobody knows what it has: nothing of it counts as right."""
    scene.copies[0].is_away = True
    scene.tell()
    scene.picture._draw()
    assert scene.picture.scores()[f"wrong in {COPIES[0]}"] == "away"
    assert "away" in scene.picture.chart.rows["words"]
    assert len(scene.picture.wrong()[COPIES[0]]) == 12
    assert scene.picture.wrong()[COPIES[2]] == []
    scene.copies[0].is_away = False
    scene.copies[0].amounts = amounts_after(CHANGES)
    scene.picture._draw()
    assert scene.picture.scores()[f"wrong in {COPIES[0]}"] == 0


@pytest.mark.parametrize("height", [85, 160])
def test_the_words_of_a_copy_cover_no_cell(height):
    """They end left of all cells, and below the copy's name; drawn by Vega itself."""
    spec = copies_chart(["p1", "p2"]).to_dict() | {"height": height, "width": 100}
    cut = {"copy": CUT_OFF, "product": "", "state": "cut", "words": "cut off"}
    spec["datasets"] = {"live": [cut]}
    svg = vl_convert.vegalite_to_svg(spec)
    anchor, x, y = re.search(
        r'text-anchor="(\w+)" transform="translate\(([-.\d]+),([-.\d]+)\)"[^>]*>cut off', svg
    ).groups()
    assert anchor == "end"
    assert float(x) < 0
    row = height / len(COPIES)
    middle = (COPIES.index(CUT_OFF) + 0.5) * row
    assert middle + 10 < float(y) < middle + row / 2 + 8


def test_the_chart_becomes_a_still():
    """As every output does."""
    spec = copies_chart(["p1"]).to_dict()
    spec["datasets"] = {"live": [{"copy": CUT_OFF, "product": "p1", "state": WRONG, "words": ""}]}
    assert still(spec, "A chart", "A chart")[0]["image/png"]

"""The picture of reports: what each lane costs, and which endpoints are added."""

from types import SimpleNamespace

import pytest

from eventlab.course import ch08
from eventlab.course.ch08_reports import AWAY, BACK, NO_REPORT, Reports
from eventlab.course.ch08_service import BY_ENDPOINT, FROM_VIEW, IN_BATCHES, ONE_BY_ONE, WHERE
from eventlab.errors import CallError
from eventlab.log import produce

STORY = ch08.story(7, orders=30)
COSTS = {ONE_BY_ONE: (20, 50), IN_BATCHES: (2, 50), BY_ENDPOINT: (1, 4), FROM_VIEW: (0, 0)}


class Team:
    """The team of a data service, and the service; what its reports cost is laid down."""

    def __init__(self, most_rows):
        self.story = STORY
        self.service = self
        self.is_there = True
        self.endpoints = ["/orders"]
        self.calls = 0
        self.rows = 0
        self.extra = most_rows

    def seen(self):
        if not self.is_there:
            raise self.away()
        return {"endpoints": list(self.endpoints), "calls": self.calls, "rows": self.rows}

    def add(self, path, query):
        assert query == f"query of {path.removeprefix('/sales-by-')}"
        self.endpoints.append(path)

    def has(self, path):
        return path in self.endpoints

    def kill(self):
        self.is_there = False

    def start(self):
        self.is_there = True

    def ask(self, _path, *, json):
        """Make a report, as the service of reports does."""
        calls, rows = COSTS[json["way"]]
        if calls and not self.is_there:
            raise self.away()
        self.calls += calls
        self.rows += rows + self.extra if rows == 50 else rows
        return ch08.sales(STORY, json["field"])

    def away(self):
        return CallError("No", expected="an answer", found="none", remedy="Ask again.")


@pytest.fixture
def topic(new_topic):
    return new_topic()


def reports(topic, team, source):
    lab = SimpleNamespace(topic=lambda _name: topic)
    return Reports(lab, team, team, source, query=lambda field: f"query of {field}")


def played(topic, picture):
    with picture:
        rows = [(None, {"field": one.field, "day": one.day}) for one in ch08.questions(WHERE)]
        produce(topic, rows)
        picture.settle()
        picture._draw()
    return picture


@pytest.mark.broker
def test_reports_from_our_view_take_no_call_and_need_no_endpoint(topic):
    """While those by calls are counted by the service that is called."""
    picture = played(topic, reports(topic, Team(most_rows=1), "our view"))
    figures = picture.figures()
    assert (figures["reports"], figures["our_calls"], figures["wrong"]) == (6, 0, 0)
    assert figures["one_by_one_calls"] == 3 * 20
    assert figures["batch_calls"] == 6 * 2
    assert figures["rows_named"] == sum(ch08.named(STORY, field) for field in WHERE)
    assert figures["lists"] == 3
    assert picture.first_calls() == 20
    assert picture.endpoint_figures() == {"questions": 3, "answered": 3, "added": 0}
    words = picture.chart.rows["words"]
    assert any(said.startswith("0 calls: ") for said in words)
    assert any(said.startswith("20 calls: ") for said in words)


@pytest.mark.broker
def test_reports_from_the_data_service_get_an_endpoint_each(topic):
    """And take one call the next day."""
    picture = played(topic, reports(topic, Team(most_rows=1), "the data service"))
    assert picture.figures()["our_calls"] == 3 * (2 + 1)
    assert picture.added == ["/sales-by-level", "/sales-by-country", "/sales-by-category"]
    assert picture.scores()["endpoints added"] == 3
    assert picture.scores()["rows for ours"] == 3 * (51 + 4)
    assert "+ /sales-by-country" in picture.chart.rows["words"]
    assert any(said.startswith("2 calls, then 1: ") for said in picture.chart.rows["words"])


@pytest.mark.broker
def test_few_rows_need_no_endpoint(topic):
    """The data service is enough."""
    picture = played(topic, reports(topic, Team(most_rows=0), "the data service"))
    assert picture.added == []
    assert picture.figures()["our_calls"] == 6 * 2


@pytest.mark.broker
@pytest.mark.parametrize(("source", "failed"), [("our view", 0), ("the data service", 6)])
def test_without_the_data_service_those_fail_that_ask_it(topic, source, failed):
    """The learner takes it away, and gets it back."""
    team = Team(most_rows=1)
    picture = reports(topic, team, source)
    picture.acts()[AWAY]()
    played(topic, picture)
    assert picture.figures()["reports"] == 6 - failed
    assert picture.away_figures() == {"reports": 6, "ours": 6 - failed, "failed_by_calls": 3 + 6}
    # One by one, in batches, and ours where it asks: of each of the three reports.
    assert picture.chart.rows["words"].count(NO_REPORT) == 3 * 2 + failed // 2
    assert not any(words.endswith("...") for words in picture.chart.rows["words"])
    picture.acts()[BACK]()
    assert team.is_there

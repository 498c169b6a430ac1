import msgspec
import pytest

from eventlab.services.span import Publication, Span, each_span, span_of, spans_in


def consumer(*published: Publication) -> Span:
    """Return a span that has published some records."""
    return Span(
        *("t1", "s1", "mail", "orders process", "consumer", 1_000, 50),
        parent_id="s0",
        status="error",
        words="LookupError",
        peer="orders",
        key="o-1",
        published=list(published),
    )


def test_a_publication_is_a_span_within_the_other():
    """In its trace and of its service; what went wrong there later is not the record's."""
    assert span_of(Publication("s2", "letters", "o-2", 1_020), consumer()) == Span(
        *("t1", "s2", "mail", "letters publish", "producer", 1_020),
        parent_id="s1",
        peer="letters",
        key="o-2",
    )


def test_each_span_has_what_it_published_behind_it():
    """Others stay as they are."""
    span = consumer(Publication("s2", "letters", None, 1_020), Publication("s3", "a", "k", 1_030))
    other = Span("t2", "s9", "shop", "GET /", "server", 0)
    assert [one.span_id for one in each_span([span, other])] == ["s1", "s2", "s3", "s9"]


def test_what_was_written_is_all_read_and_once():
    """Read again, there is no more of it."""
    written = [consumer(Publication("s2", "letters", "o-2", 1_020)), consumer()]
    value = msgspec.json.decode(msgspec.json.encode(written))
    found = spans_in(value)
    expected = [consumer(), span_of(written[0].published[0], written[0]), consumer()]
    assert found == expected == list(each_span(found))


def test_a_span_that_publishes_nothing_is_written_as_it_always_was():
    """Nor is said in a topic that it has ended."""
    assert set(msgspec.json.decode(msgspec.json.encode(consumer()))).isdisjoint(
        {"published", "is_under_way", "is_sampled"}
    )


@pytest.mark.parametrize("wrong", [None, 3, {}, [{"span_id": "1"}]])
def test_what_holds_no_spans_is_refused(wrong):
    """By msgspec's own error."""
    with pytest.raises(msgspec.ValidationError):
        spans_in(wrong)

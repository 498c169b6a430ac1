"""Records of one topic that came one after another."""

from eventlab.views.runs import Run
from tests.views.messages import message

MESSAGES = [
    message(0, 4, b'{"n": 1}', b"a"),
    message(1, 2, b"{", b"a"),
    message(1, 3, b'{"n": 2}', b"b"),
    message(0, 5, b'{"n": 3}', b"a"),
]


def test_it_goes_on_behind_the_last_of_each_partition():
    """In whatever pieces they come."""
    for pieces in ([MESSAGES], [MESSAGES[:1], MESSAGES[1:]], [[one] for one in MESSAGES]):
        run = Run("orders", None)
        for piece in pieces:
            run.add(piece, piece)
        assert run.passed == {0: 6, 1: 4}
        assert [fields["n"] for fields in run.batch.fields] == [1, 2, 3]


def test_what_cannot_be_read_is_passed_too():
    """Also where it is the last one."""
    run = Run("orders", None)
    run.add(MESSAGES[:2], MESSAGES[:2])
    assert run.passed == {0: 5, 1: 3}
    assert len(run.batch) == 1


def test_what_is_beyond_the_bound_is_passed_and_not_for_the_rows():
    """Of another partition, or behind what is for the rows."""
    run = Run("orders", None)
    run.add([MESSAGES[0], MESSAGES[2]], [MESSAGES[0]])
    run.add([MESSAGES[3]], [])
    assert run.passed == {0: 6, 1: 4}
    assert run.batch.fields == [{"n": 1}]

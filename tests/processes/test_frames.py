import io

import pytest

from eventlab.processes.frames import receive, send


class Trickle(io.BytesIO):
    """A pipe that gives a byte at a time."""

    def read(self, size=-1):
        return super().read(min(size, 1))


@pytest.mark.parametrize("kind", [io.BytesIO, Trickle])
def test_what_is_sent_is_received(kind):
    """Frame by frame, in whatever pieces they come; then it is the end."""
    channel = kind()
    things = [{"count": 3}, None, ["x" * 1_000]]
    for thing in things:
        send(channel, thing)
    channel.seek(0)
    assert [receive(channel) for _ in things] == things
    with pytest.raises(EOFError):
        receive(channel)


@pytest.mark.parametrize("kept", [2, 4, 10])
def test_half_a_frame_is_the_end(kept):
    """Whoever died while it wrote has said nothing."""
    channel = io.BytesIO()
    send(channel, "a whole frame")
    with pytest.raises(EOFError):
        receive(io.BytesIO(channel.getvalue()[:kept]))

from types import SimpleNamespace

import ipywidgets
from ipykernel.comm.comm import BaseComm

from eventlab.live import acts_while_busy


def routed(*children):
    """Return something with a comm whose answers have a route, as a kernel's widgets are."""
    return SimpleNamespace(comm=SimpleNamespace(_reply_subshell_for=max), children=children)


def test_the_route_is_taken_from_a_widget_and_all_within_it():
    """Then the front end's own choice of a shell counts, which no busy cell blocks."""
    inner = routed()
    outer = routed(routed(inner))
    assert acts_while_busy(outer) is outer
    assert outer.comm._reply_subshell_for is None
    assert inner.comm._reply_subshell_for is None


def test_a_kernel_without_the_route_is_left_alone():
    """Nothing is set on a comm that knows no such thing, and a closed widget has no comm."""
    slider = ipywidgets.IntSlider()
    acts_while_busy(slider)
    assert not hasattr(slider.comm, "_reply_subshell_for")
    slider.close()
    acts_while_busy(slider)


def test_the_kernel_still_has_the_private_route():
    """It is ipykernel's own: a version without it needs another look at busy cells."""
    assert callable(BaseComm._reply_subshell_for)

"""Let a control act while a cell runs."""

import ipywidgets

from eventlab.arguments import refused


def acts_while_busy(widget: ipywidgets.Widget) -> ipywidgets.Widget:
    """Let what the learner does to `widget`, and to its children, reach Python at once.

    ipykernel 7 hands a comm's message to the shell that last sent on that comm: after the first
    answer from a cell that is the main shell, and a busy cell then keeps the message waiting.
    Without the route the front end's own choice counts, a shell apart (JEP 91). The route is
    private, so where a kernel has none there is nothing to do.
    """
    if not hasattr(widget, "comm"):
        raise refused("widget", widget, "a widget", "ipywidgets.Button()")
    for child in getattr(widget, "children", ()):
        acts_while_busy(child)
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = None
    return widget

from eventlab.teach.guess_widget import GuessWidget


def test_the_page_gets_the_question_and_gives_the_answer():
    """What Python and the page share is a few plain values; its scripts come as one."""
    widget = GuessWidget(question="Which?", kind="choice", settings={"options": ["a", "b"]})
    shared = widget.get_state()
    assert {"question", "kind", "settings", "value", "note", "outcome", "verdict"} <= shared.keys()
    assert "class CurveFrame" in widget._esm
    assert "export default" in widget._esm
    widget.close()

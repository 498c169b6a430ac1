import pickle

from eventlab.errors import CallError, ServiceError
from eventlab.services import reporting
from eventlab.services.plan import Failed, Ready, Trouble
from eventlab.services.reporting import Reports, service_failure
from tests.waiting import until


def error_of(function) -> Exception:
    try:
        function()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def divide() -> float:
    return 1 / 0


def test_every_failure_is_counted_though_few_are_said(monkeypatch, capsys):
    """The first at once, and the rest with the last of them, a moment later."""
    monkeypatch.setattr(reporting, "_EVERY_SECONDS", 0.01)
    said = []
    reports = Reports("shop", said.append)
    for _ in range(500):
        reports.trouble(error_of(divide))
    until(lambda: sum(frame.times for frame in said) == 500)
    assert said[0].times == 1
    assert len(said) < 500
    assert isinstance(said[-1], Trouble)
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_what_is_not_said_yet_is_said_at_the_end():
    """Before what has ended it."""
    said = []
    reports = Reports("shop", said.append)
    reports.ready()
    for _ in range(3):
        reports.trouble(error_of(divide))
    reports.failed(SystemExit("enough"))
    assert [type(frame) for frame in said] == [Ready, Trouble, Trouble, Failed]
    assert [frame.times for frame in said[1:3]] == [1, 2]
    assert "SystemExit: enough" in str(said[-1].error)


def test_nothing_is_said_where_nothing_has_failed():
    """A flush alone is no report."""
    said = []
    Reports("shop", said.append).flush()
    assert said == []


def test_an_error_is_shown_with_the_learner_s_own_line():
    """What is an error of ours stays as it is, and both come through a pipe."""
    failure = service_failure("shop", error_of(divide))
    assert isinstance(failure, ServiceError)
    assert "The service 'shop' failed" in str(failure)
    assert str(failure).endswith("of divide: return 1 / 0")
    call = CallError("no", reason="timeout", expected="a", found="b", remedy="C.")
    assert service_failure("shop", call) is call
    again = pickle.loads(pickle.dumps(Failed(call))).error
    assert (again.reason, str(again)) == ("timeout", str(call))
    assert "service.output" in str(service_failure("shop", ValueError("made")))

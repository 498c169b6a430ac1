import pytest

from eventlab import doctor
from eventlab.doctor import Finding, examine

pytestmark = pytest.mark.broker


def findings():
    """Return what is found on this machine, by name."""
    return {finding.what: finding for finding in examine()}


def test_a_machine_that_runs_the_suite_lacks_nothing_it_needs():
    """Python, Java, jars, folders, loopback and memory are all there."""
    assert [finding for finding in examine() if finding.state == "missing"] == []


def test_everything_that_can_be_missing_is_looked_at():
    """Whoever has a problem finds its cause named here."""
    looked = set(findings())
    assert {"Python", "Java", "Kafka", "Cache", "Data", "Loopback", "Memory", "Browser"} <= looked


def test_another_java_that_is_none_is_missing_with_its_remedy(monkeypatch, tmp_path):
    """An error of one look is a finding; the others go on."""
    monkeypatch.setenv("EVENTLAB_JAVA", str(tmp_path / "java"))
    found = findings()
    assert found["Java"].state == "missing"
    assert "Java" in found["Java"].remedy
    assert found["Python"].state == "ok"


def test_an_empty_cache_sends_to_the_warm_up(monkeypatch, tmp_path):
    """Missing jars are missing; a missing archive only costs time."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    found = findings()
    assert (found["Kafka"].state, found["Quick start"].state) == ("missing", "optional")
    assert "warm-up" in found["Kafka"].remedy


def test_little_memory_is_told(monkeypatch):
    """A chapter needs about 600 MB."""
    monkeypatch.setattr(doctor.psutil, "virtual_memory", lambda: type("M", (), {"available": 1e8}))
    assert findings()["Memory"] == Finding(
        "Memory", "missing", "100.0 MB free", "Close other programs; a chapter needs about 600 MB."
    )


def test_a_machine_without_a_browser_lacks_only_what_tests_need(monkeypatch):
    """A learner's own browser may be any."""
    monkeypatch.delenv("EVENTLAB_CHROMIUM", raising=False)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    assert findings()["Browser"].state == "optional"

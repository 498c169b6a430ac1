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


def test_little_memory_is_reported(monkeypatch):
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


def test_a_cluster_of_one_s_own_is_asked(monkeypatch):
    """An address where nobody answers is missing, with the reason and a remedy."""
    monkeypatch.setattr("eventlab.broker.external._ANSWER_SECONDS", 0.3)
    monkeypatch.setenv("EVENTLAB_BOOTSTRAP_SERVERS", "no.such.host.invalid:9092")
    (found,) = (finding for finding in examine() if finding.what == "Broker")
    assert found.state == "missing"
    assert "no.such.host.invalid, which could not be resolved" in found.found
    assert found.remedy


@pytest.mark.broker
def test_a_cluster_of_one_s_own_that_answers_is_fine(broker, monkeypatch):
    """Its address is told."""
    monkeypatch.setenv("EVENTLAB_BOOTSTRAP_SERVERS", broker.bootstrap_servers)
    (found,) = (finding for finding in examine() if finding.what == "Broker")
    assert (found.state, found.found) == ("ok", f"your own at {broker.bootstrap_servers}")

import shlex
import sys
from pathlib import Path

import pytest

from eventlab.broker.java import Java
from eventlab.flink import gateway
from tests.flink import fake_java
from tests.structure.files import ROOT


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Return a home of this test's own, with letters that a path may have."""
    folder = tmp_path / "a home, é"
    monkeypatch.setenv("EVENTLAB_HOME", str(folder))
    return folder


@pytest.fixture
def java(tmp_path, monkeypatch) -> Path:
    """Return the program that stands for Java with Flink; it is up unless FAKE_FLINK says else."""
    monkeypatch.setenv("FAKE_FLINK", "up")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    path = tmp_path / "java"
    module = shlex.join([sys.executable, "-m", fake_java.__name__])
    path.write_text(f"#!/bin/sh\nexec {module}\n", encoding="utf-8")
    path.chmod(0o700)
    monkeypatch.setattr(gateway, "find_java", lambda: Java(str(path), 25, "fake", "a test"))
    return path


@pytest.fixture
def served():
    """Return where a gateway answers, in this process."""
    server = fake_java.served()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()

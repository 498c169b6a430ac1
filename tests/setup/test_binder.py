import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.structure.files import ROOT, tracked_files


def test_repo2docker_understands_the_folder_binder():
    """The image is made with the Python that is asked for, and with both scripts."""
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    dockerfile = done.stdout + done.stderr
    assert done.returncode == 0, dockerfile
    assert "binder/environment.yml" in dockerfile
    assert "RUN ./binder/postBuild" in dockerfile
    assert "binder/start" in dockerfile


@pytest.fixture
def clone(tmp_path) -> Path:
    """A clean copy of what is tracked, in a folder with a space and a letter beyond ASCII."""
    root = tmp_path / "ein schönes Labor"
    for path in tracked_files():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, root / path)
    return root


@pytest.mark.broker
@pytest.mark.long
@pytest.mark.timeout(400)
def test_the_steps_of_binder_lead_from_a_clean_folder_to_a_running_kafka(clone, tmp_path):
    """A fresh Python and an empty home: then nothing is missing, and Kafka starts."""
    image = tmp_path / "image"
    subprocess.run([sys.executable, "-m", "venv", image], check=True)
    environment = {
        **os.environ,
        "PATH": f"{image / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "EVENTLAB_HOME": str(tmp_path / "home"),
    }

    def run(*command: str) -> str:
        done = subprocess.run(
            command,
            cwd=clone,
            env=environment,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    run("binder/postBuild")
    assert "MISSING" not in run("eventlab", "doctor")
    try:
        assert "joined" in run("binder/start", "echo", "joined")
        assert "Apache Kafka" in run("eventlab", "broker", "status")
    finally:
        run("eventlab", "broker", "stop")

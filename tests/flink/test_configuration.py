"""How Flink is started."""

import os
import re
from pathlib import Path

from eventlab.flink.configuration import command, environment, mark, write_configuration


def test_it_listens_on_loopback_alone(tmp_path):
    """Each address that it is given is this machine's own, and each port any free one."""
    write_configuration(tmp_path)
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    lines = dict(line.split(": ") for line in text.splitlines())
    addresses = {key: value for key, value in lines.items() if re.search("address|host$", key)}
    assert len(addresses) >= 6
    assert set(addresses.values()) == {"127.0.0.1"}
    assert [value for key, value in lines.items() if key.endswith("port")] == ['"0"']


def test_what_it_writes_stays_in_its_folder(tmp_path):
    """Flink unpacks 46 MB into its folder of temporary files, which is below the run's."""
    write_configuration(tmp_path)
    (files,) = [
        word.partition("=")[2]
        for word in command("java", [], tmp_path)
        if word.startswith("-Djava.io.tmpdir=")
    ]
    assert (tmp_path / files).is_dir()
    assert environment(tmp_path)["FLINK_CONF_DIR"] == str(tmp_path)


def test_its_command_has_the_jars_and_a_mark_of_its_own():
    """Two runs can be told apart by their command lines."""
    words = command("java", ["a.jar", "b.jar"], Path("/runs/1"))
    assert words[0] == "java"
    assert words[words.index("-cp") + 1] == os.pathsep.join(["a.jar", "b.jar"])
    assert mark(Path("/runs/1")) in words
    assert mark(Path("/runs/2")) not in words

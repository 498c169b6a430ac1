"""A node's data: brought once, never deleted (with a Kafka that refuses it: test_node)."""

import re
import stat

import pytest

from eventlab.broker.node_data import NodeData


@pytest.fixture
def template(tmp_path):
    """Return a read-only template."""
    folder = tmp_path / "template"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "log").write_text("formatted", encoding="utf-8")
    (folder / "inner" / "log").chmod(0o400)
    return folder


@pytest.fixture
def data(tmp_path, template):
    """Return data that are not there yet."""
    return NodeData(tmp_path / "kafka", template)


def test_it_is_brought_from_the_template_and_then_kept(data, tmp_path):
    """The copy can be written whatever the template's modes are, and is not copied again."""
    (tmp_path / "kafka.arriving").mkdir()  # what a crash has left
    data.bring()
    log = tmp_path / "kafka" / "inner" / "log"
    assert log.read_text(encoding="utf-8") == "formatted"
    assert log.stat().st_mode & stat.S_IWUSR
    assert not data.is_to_blame
    log.write_text("mine", encoding="utf-8")
    data.bring()
    assert log.read_text(encoding="utf-8") == "mine"
    assert data.is_to_blame
    assert not (tmp_path / "kafka.arriving").exists()


def test_what_was_moved_aside_is_put_back_once(data, tmp_path):
    """Every byte of it; and what came in its place is gone."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "mine").write_text("precious", encoding="utf-8")
    data.bring()
    aside = data.move_aside()
    assert (aside / "mine").read_text(encoding="utf-8") == "precious"
    assert not data.is_to_blame
    data.bring()
    assert data.put_back()
    assert [path.name for path in (tmp_path / "kafka").iterdir()] == ["mine"]
    assert not aside.exists()
    assert not data.put_back()


def test_what_was_moved_aside_stays_there_when_kafka_runs_without_it(data, tmp_path):
    """A later failure does not bring it back over the data of today."""
    (tmp_path / "kafka").mkdir()
    data.bring()
    aside = data.move_aside()
    data.bring()
    data.keep()
    assert not data.put_back()
    assert aside.exists()


def test_each_time_the_data_is_moved_to_a_name_of_its_own_with_the_date(data, tmp_path):
    """Twice in a second too; a link to nothing is moved like a folder."""
    names = []
    for _ in range(3):
        (tmp_path / "kafka").symlink_to("/nowhere/at/all")
        names.append(data.move_aside().name)
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"kafka-set-aside-[\d-]{19}(\.\d)?", name) for name in names)


def test_a_link_to_nothing_is_not_nothing(data, tmp_path):
    """There were data once, or there will be: they are not written over."""
    (tmp_path / "kafka").symlink_to("/nowhere/at/all")
    data.bring()
    assert data.is_to_blame
    assert (tmp_path / "kafka").is_symlink()


def test_what_kafka_took_for_a_stray_gets_its_name_back(data, tmp_path):
    """Unless a topic of that name has come in its place."""
    stray = f".{'0a' * 16}-stray"
    for name in (f"a-b.c-0{stray}", f"twice-1{stray}", "twice-1", "other-stray"):
        (tmp_path / "kafka" / name).mkdir(parents=True)
    aside = data.move_aside()
    assert sorted(path.name for path in aside.iterdir()) == [
        "a-b.c-0",
        "other-stray",
        "twice-1",
        f"twice-1{stray}",
    ]

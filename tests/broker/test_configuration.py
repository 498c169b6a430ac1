"""The settings of a broker that teaches."""

from eventlab.broker import configuration


def _settings(number: int = 1, of: int = 1) -> dict[str, str]:
    lines = configuration.server_properties(number, of).splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_only_loopback_is_listened_on():
    """No listener is reachable from another machine, and free ports are the system's choice."""
    assert _settings()["listeners"] == "PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0"
    assert configuration.listeners(7) == "PLAINTEXT://127.0.0.1:7,CONTROLLER://127.0.0.1:0"


def test_no_path_stands_in_the_settings():
    """The log's folder is relative: a comma or an accent in a home cannot change its meaning."""
    assert _settings()["log.dirs"] == configuration.LOG_FOLDER
    assert configuration.server_properties().isascii()


def test_one_node_suffices_for_each_internal_topic():
    """Every replication factor and every minimum in sync is one."""
    factors = {
        name: value
        for name, value in _settings().items()
        if name.endswith(("replication.factor", "min.isr", "num.partitions"))
    }
    assert len(factors) == 8
    assert set(factors.values()) == {"1"}


def test_a_killed_member_is_noticed_in_seconds():
    """Sessions of all group protocols last three seconds at most, within their allowed range."""
    settings = {name: int(v) for name, v in _settings().items() if v.isdigit()}
    for kind in ("consumer", "share"):
        assert settings[f"group.{kind}.session.timeout.ms"] == 3000
        low = settings[f"group.{kind}.min.session.timeout.ms"]
        assert low <= settings[f"group.{kind}.session.timeout.ms"]
        assert settings[f"group.{kind}.heartbeat.interval.ms"] < 3000
    silent = int(configuration.PROMPT_MEMBER["session.timeout.ms"])
    assert settings["group.min.session.timeout.ms"] <= silent <= 3000


def test_what_groups_have_committed_is_compacted_soon():
    """A start loads all of it, and Kafka compacts nothing before a segment (100 MB) is full."""
    assert int(_settings()["offsets.topic.segment.bytes"]) == 2**20
    assert int(_settings()["log.cleaner.backoff.ms"]) <= 1000


def test_the_first_of_several_nodes_is_their_controller():
    """The others are brokers only, and get its address when they start."""
    first, second = _settings(1, 3), _settings(2, 3)
    assert (first["process.roles"], first["node.id"]) == ("broker,controller", "1")
    assert (second["process.roles"], second["node.id"]) == ("broker", "2")
    assert second["listeners"] == configuration.listeners(0, None) == "PLAINTEXT://127.0.0.1:0"
    assert configuration.controller_address(7).endswith("=127.0.0.1:7")


def test_three_nodes_hold_each_internal_topic_three_times():
    """One of them may be killed, and no group and no transaction is lost."""
    settings = _settings(3, 3)
    factors = {v for name, v in settings.items() if name.endswith("replication.factor")}
    in_sync = {v for name, v in settings.items() if name.endswith("min.isr")}
    assert (factors, in_sync) == ({"3"}, {"2"})
    assert {v for name, v in _settings(9, 9).items() if name.endswith("factor")} == {"3"}

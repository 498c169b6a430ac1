"""The settings of a broker that teaches."""

from eventlab.broker import configuration


def _settings() -> dict[str, str]:
    lines = configuration.server_properties().splitlines()
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
    """Sessions of both new group protocols last three seconds, within their allowed range."""
    settings = {name: int(v) for name, v in _settings().items() if v.isdigit()}
    for kind in ("consumer", "share"):
        assert settings[f"group.{kind}.session.timeout.ms"] == 3000
        low = settings[f"group.{kind}.min.session.timeout.ms"]
        assert low <= settings[f"group.{kind}.session.timeout.ms"]
        assert settings[f"group.{kind}.heartbeat.interval.ms"] < 3000

"""The settings of a broker that teaches: quick to start, small, and prompt in its groups.

A broker has one node, which is its own controller, or several, of which the first one is. Standard
library only: the supervisor needs it.
"""

LOG_FOLDER = "kafka"

# What each group of settings buys was measured on two cores (start to the first created topic
# 0.8 s and 175 MB, against 4.3 s and 395 MB with the settings that Kafka ships with).
_ANY_NODE = {
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.quorum.bootstrap.servers": "127.0.0.1:1",
    "auto.create.topics.enable": "false",
}
_PARTITIONS_OF_INTERNAL_TOPICS = {
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.num.partitions": "1",
}
_REPLICATIONS_OF_INTERNAL_TOPICS = (
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
    "share.coordinator.state.topic.replication.factor",
)
_IN_SYNC_OF_INTERNAL_TOPICS = (
    "transaction.state.log.min.isr",
    "share.coordinator.state.topic.min.isr",
)
_MOST_REPLICAS = 3
_SMALL = {
    # Only segments that are full are compacted, and a start loads what is there: after 300,000
    # commits 12,000 records in place of all, and never more.
    "offsets.topic.segment.bytes": "1048576",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "log.index.size.max.bytes": "1048576",
}
_PROMPT = {
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "log.cleaner.backoff.ms": "500",
    "log.initial.task.delay.ms": "1000",
    "log.retention.check.interval.ms": "1000",
    "log.segment.delete.delay.ms": "1000",
}
# With Kafka's defaults a killed member keeps its partitions for 45 seconds (KIP-848, KIP-932). In
# the classic protocol each member says itself how long it may be silent: see PROMPT_MEMBER.
_PROMPT_GROUPS = {
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "group.consumer.min.heartbeat.interval.ms": "200",
    "group.consumer.heartbeat.interval.ms": "500",
    "group.consumer.min.session.timeout.ms": "1000",
    "group.consumer.session.timeout.ms": "3000",
    "group.share.min.heartbeat.interval.ms": "200",
    "group.share.heartbeat.interval.ms": "500",
    "group.share.min.session.timeout.ms": "1000",
    "group.share.session.timeout.ms": "3000",
    "group.share.min.record.lock.duration.ms": "1000",
    "group.share.record.lock.duration.ms": "4000",
}

# What a client says of itself as a member of a group, in librdkafka's words: a crash is over within
# three seconds, the time in which the others hear of it included.
PROMPT_MEMBER = {"session.timeout.ms": "2500", "heartbeat.interval.ms": "300"}

# All of what is young is touched before it is first cleared: a third of the heap by default, 40 MB
# more, with which no event goes faster.
JVM_FLAGS = ["-Xmx192m", "-Xmn16m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]

# The broker says at INFO where it listens and when it is ready; the long listings of every
# setting at every start are left out.
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
logger.config.name = org.apache.kafka.common.config.AbstractConfig
logger.config.level = warn
logger.kafkaconfig.name = kafka.server.KafkaConfig
logger.kafkaconfig.level = warn
"""


def listeners(port: int = 0, controller_port: int | None = 0) -> str:
    """Return a node's listeners on loopback; port 0 lets the system choose a free one.

    A node that is no controller has no `controller_port`.
    """
    broker = f"PLAINTEXT://127.0.0.1:{port}"
    if controller_port is None:
        return broker
    return f"{broker},CONTROLLER://127.0.0.1:{controller_port}"


def controller_address(port: int) -> str:
    """Return the setting that says where the controller listens."""
    return f"controller.quorum.bootstrap.servers=127.0.0.1:{port}"


def server_properties(number: int = 1, of: int = 1) -> str:
    """Return the text of a server.properties for the node with this number, of so many.

    The log's folder is named relative to the folder in which the node runs: Kafka takes
    `log.dirs` for a list, and a comma in a path would cut it in two.
    """
    settings = _one_node(number) | _internal_topics(of)
    settings |= _ANY_NODE | _SMALL | _PROMPT | _PROMPT_GROUPS
    return "".join(f"{key}={value}\n" for key, value in settings.items())


def _one_node(number: int) -> dict[str, str]:
    is_controller = number == 1
    return {
        "process.roles": "broker,controller" if is_controller else "broker",
        "node.id": str(number),
        "listeners": listeners(0, 0 if is_controller else None),
        "log.dirs": LOG_FOLDER,
    }


def _internal_topics(nodes: int) -> dict[str, str]:
    """Return settings by which a broker of three nodes loses none of its own topics with one."""
    replicas = min(nodes, _MOST_REPLICAS)
    in_sync = max(1, replicas - 1)
    return (
        _PARTITIONS_OF_INTERNAL_TOPICS
        | dict.fromkeys(_REPLICATIONS_OF_INTERNAL_TOPICS, str(replicas))
        | dict.fromkeys(_IN_SYNC_OF_INTERNAL_TOPICS, str(in_sync))
    )

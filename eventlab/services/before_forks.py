"""Begin what a process begins once, where services are forked: they share it, and need not wait.

To import this module begins it. It starts no thread, which a fork would lose.
"""

from contextlib import suppress

from confluent_kafka import KafkaException, Producer

# librdkafka sets up TLS and the like with the first client of a process, a megabyte of it, and only
# then looks at what its settings say together. These contradict each other: there is no client.
_NO_CLIENT = {"bootstrap.servers": "127.0.0.1:1", "enable.idempotence": True, "acks": 0}

with suppress(KafkaException):
    Producer(_NO_CLIENT)

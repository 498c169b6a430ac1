"""What every part of a lab stands on: its cluster, its names, and what it has opened."""

from eventlab import log
from eventlab.broker import Broker
from eventlab.notebook import Opened


class LabPart:
    """A part of what a lab can do; Lab is made of all of them."""

    chapter: str
    broker: Broker
    cluster: log.Cluster
    _opened: Opened
    _prefix: str

    def name(self, name: str) -> str:
        """Return a name that is this chapter's own, for a consumer group or a transaction."""
        return name if name.startswith(self._prefix) else self._prefix + name

    def _topic(self, topic: log.Topic | str) -> log.Topic:
        return topic if isinstance(topic, log.Topic) else log.Topic(self.cluster, self.name(topic))

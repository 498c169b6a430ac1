"""The client side of the log: topics, writing, reading, following, groups and their lag."""

from eventlab.log.cluster import Cluster
from eventlab.log.decoding import Batch
from eventlab.log.following import Follower, follow
from eventlab.log.groups import begin_anew, groups, lag, members
from eventlab.log.playing import Interludes, Player, PlayerStatus, Playing, Sink, play
from eventlab.log.producing import Report, Writer, prepare, produce
from eventlab.log.reading import Reading, read
from eventlab.log.records import Record, records
from eventlab.log.starting import Start
from eventlab.log.topics import Topic, topics
from eventlab.log.transactions import Transactions
from eventlab.log.turns import take_turns

__all__ = [
    "Batch",
    "Cluster",
    "Follower",
    "Interludes",
    "Player",
    "PlayerStatus",
    "Playing",
    "Reading",
    "Record",
    "Report",
    "Sink",
    "Start",
    "Topic",
    "Transactions",
    "Writer",
    "begin_anew",
    "follow",
    "groups",
    "lag",
    "members",
    "play",
    "prepare",
    "produce",
    "read",
    "records",
    "take_turns",
    "topics",
]

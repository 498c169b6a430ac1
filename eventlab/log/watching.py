"""Notice that a topic got more partitions, was made anew, or is gone."""

from concurrent.futures import Future

from confluent_kafka import TopicCollection
from confluent_kafka.admin import TopicDescription

from eventlab.errors import EventlabError
from eventlab.log.cluster import ANSWER_SECONDS, in_brief
from eventlab.log.topics import Topic

LOOK_SECONDS = 1.0
SAME_SECONDS = 0.02


class TopicWatch:
    """Look at a topic once a second.

    A consumer of a topic that was deleted and made anew goes on at its old offsets, as if the new
    records before them had been read, and one whose topic got more partitions never asks for them.
    """

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._identity, self._partitions = self._described(self._asked(ANSWER_SECONDS))
        self._answer: Future[TopicDescription] | None = None
        self._check: Future[TopicDescription] | None = None
        self._next_look = 0.0
        self._next_check = 0.0
        self._trouble = ""

    @property
    def identity(self) -> str:
        """Return Kafka's own id of the topic; one of the same name made anew has another."""
        return self._identity

    @property
    def partitions(self) -> set[int]:
        """Return the partitions that the topic had when last looked at."""
        return self._partitions

    @property
    def trouble(self) -> str:
        """Return why the topic could not be looked at the last time, "" if it could."""
        return self._trouble

    def look(self, now: float) -> set[int]:
        """Return the partitions that are new since the last look; `now` in seconds, of any clock.

        Of a topic made anew, all of them are. Never waits.
        """
        if self._answer is None:
            if now >= self._next_look:
                self._answer = self._asked(LOOK_SECONDS)
                self._next_look = now + LOOK_SECONDS
            return set()
        if not self._answer.done():
            return set()
        answer = self._answer
        self._answer = None
        return self._taken_in(answer)

    def ask(self, now: float) -> None:
        """Ask what the topic is now, in seconds of any clock; `is_same` waits for the answer.

        A topic cannot be deleted, made, filled and read within the time in which nobody asks again.
        """
        if now >= self._next_check:
            self._next_check = now + SAME_SECONDS
            self._check = self._asked(LOOK_SECONDS)

    def is_same(self) -> bool:
        """Tell whether the topic was the known one when it was asked for; yes if nobody answers.

        What was read before is of the same topic then: no other one of its name was there yet.
        """
        if self._check is None:
            return True
        try:
            identity, _ = self._described(self._check)
        except EventlabError:
            return True
        finally:
            self._check = None
        return identity == self._identity

    def _taken_in(self, answer: "Future[TopicDescription]") -> set[int]:
        try:
            identity, partitions = self._described(answer)
        except EventlabError as error:
            self._trouble = in_brief(error)
            return set()
        self._trouble = ""
        known = self._partitions if identity == self._identity else set()
        self._identity = identity
        self._partitions = partitions
        return partitions - known

    def _asked(self, seconds: float) -> "Future[TopicDescription]":
        topics = TopicCollection([self._topic.name])
        admin = self._topic.cluster.admin
        (answer,) = admin.describe_topics(topics, request_timeout=seconds).values()
        return answer

    def _described(self, answer: "Future[TopicDescription]") -> tuple[str, set[int]]:
        found = self._topic.answered(answer, f"describe the topic {self._topic}")
        return str(found.topic_id), {one.id for one in found.partitions}

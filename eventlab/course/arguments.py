"""The arguments of the book, chapter by chapter, each with the claims that bear it out.

The book is Ben Stopford's "Designing Event-Driven Systems"; the words are ours. The table is whole
from the beginning: as soon as a chapter is there, the suite asks for a claim for each of its
arguments.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Argument:
    """One point that the book makes; `claims` are the names of those that a chapter makes of it."""

    sentence: str
    claims: tuple[str, ...] = ()


ARGUMENTS: dict[str, tuple[Argument, ...]] = {
    "00": (
        Argument("A log is open to every client that speaks its protocol", ("00.real",)),
        Argument("Events wait for their reader: nobody has to be there", ("00.resume",)),
    ),
    "01": (
        Argument(
            "Partitions let a log grow beyond one machine and keep order where it matters",
            ("01.order",),
        ),
        Argument(
            "A log can be replayed by any number of readers, each at its own place",
            ("01.replay",),
        ),
        Argument(
            "A log reaches rates and sizes that messaging did not have before",
            ("01.batching", "01.old"),
        ),
    ),
    "02": (
        Argument(
            "Stream processors work with streams, tables and joins, next to the business logic",
            ("02.table", "02.enrich"),
        ),
        Argument(
            "A stream processor looks after its own state, and has it again after a crash",
            ("02.survives",),
        ),
        Argument("What belongs together is written together, or not at all", ("02.aborted",)),
        Argument(
            "Streaming is a library: a flow runs inside a service as it does in a cluster",
            ("02.same",),
        ),
    ),
    "03": (
        Argument(
            "A web of synchronous calls ties services together while they run",
            ("03.multiplies", "03.waits"),
        ),
        Argument(
            "Events take time out of the coupling: what is accepted gets done later",
            ("03.completes",),
        ),
        Argument(
            "Much of what a business does is asynchronous by nature and takes days",
            ("03.parcel",),
        ),
        Argument("Teams are efficient when they need not wait for one another", ("03.redeploy",)),
    ),
    "04": (
        Argument(
            "The broker routes: a sender does not know who receives, and more may come",
            ("04.added", "04.share", "04.queue"),
        ),
        Argument("Load is the broker's matter, and not that of the source", ("04.burst",)),
        Argument(
            "No back pressure is needed: each receiver sets its own pace",
            ("04.pace", "04.retention"),
        ),
    ),
    "05": (
        Argument(
            "Queries and look-ups within one system are best asked as requests",
            ("05.lookup", "05.own_write"),
        ),
        Argument(
            "State changes that others need beyond one system are best told as events",
            ("05.copies",),
        ),
    ),
    "06": (
        Argument(
            "What services share is harder to change than what they keep inside",
            ("06.lamps", "06.versions", "06.refused"),
        ),
        Argument(
            "Shared events are a journal of how the business came to be as it is",
            ("06.journal",),
        ),
    ),
    "07": (
        Argument("A rich interface ties programs to the database that they share", ("07.rename",)),
        Argument(
            "A database that all share is a bottleneck",
            ("07.contention", "07.short", "07.consistent"),
        ),
    ),
    "08": (
        Argument(
            "A service around a database has most faults of a shared database",
            ("08.join", "08.away"),
        ),
        Argument(
            "It grows into a database of one's own making, or into a way to move data out",
            ("08.endpoints", "08.export"),
        ),
    ),
    "09": (
        Argument(
            "The core data of a large business end up in most of its applications",
            ("09.connections", "09.files"),
        ),
        Argument(
            "Data move from where coupling is tight to where it is loose, and freedom is",
            ("09.ages", "09.free"),
        ),
    ),
    "10": (
        Argument("An event is a notification and a transfer of state, and both have their use"),
        Argument("Events on a log tell the whole story: for audit, replay and finding faults"),
        Argument("Events bring the data to the code, wherever that runs, and even offline"),
    ),
    "11": (
        Argument("Coupling is of data, of function and of operation, and messages have least"),
        Argument("Core data are a coupling that no design avoids"),
        Argument("Data in a place of one's own give the receiver control"),
    ),
    "12": (
        Argument("A log can hold the data of record where anyone can come and get them"),
        Argument("Nobody queries a log: one makes a view of it that suits the question"),
        Argument("A log that remembers leaves a service room to change its mind"),
    ),
    "13": (
        Argument("Copies of data that are passed around drift apart"),
        Argument("A messaging that remembers makes it easy to stay in step with the source"),
        Argument("Views that are often made anew stay close to the log"),
    ),
    "14": (
        Argument("No one store is best for every question"),
        Argument("One log can feed many kinds of store, and all of them agree"),
    ),
    "15": (
        Argument("The data layer is a stream processor that prepares one stream for a service"),
        Argument("Streaming SQL prepares data apart from the business logic, or inside of it"),
        Argument("Instances that share no state do not get in each other's way"),
    ),
    "16": (
        Argument("A log with its views, indexes and caches is a database turned inside out"),
        Argument("Data that are local are fast, and each view is its owner's alone"),
        Argument("What is central stays right, and what is spread keeps everybody moving"),
    ),
    "17": (
        Argument("A business is a set of functions that never stop computing what happens"),
        Argument("Streaming is all that lies between requests for a page and nightly reports"),
    ),
    "18": (
        Argument("What happens is announced to everybody, once"),
        Argument("Data that many need stay in the log, under a name that can be looked up"),
        Argument("Whoever needs another form of a stream makes it, and asks nobody"),
        Argument("Streams drive small services and functions, or fill a view for one use"),
    ),
    "19": (
        Argument(
            "Windowed: figures are right although events come late and out of order",
            ("19.arrival", "19.kinds"),
        ),
        Argument(
            "Events that are late can be waited for, at a price, and are never lost unseen",
            ("19.grace", "19.dropped"),
        ),
    ),
    "20": (
        Argument("Immutable: what was written stays as it was, and any past can be looked at"),
        Argument("A correction is one more event, and what is to go can be deleted"),
    ),
    "21": (
        Argument("Reactive: consumers come and go with the load, and the work spreads anew"),
        Argument("Reactive: a part may fail, and the whole goes on answering"),
    ),
    "22": (
        Argument("Evolutionary: streams keep a form on which everybody can rely"),
        Argument("Evolutionary: plug in what is new without touching what is there"),
    ),
    "23": (
        Argument(
            "Data-enabled: a service holds a copy of just what it needs, which follows its source"
        ),
        Argument("Data-enabled: a system that knows no events can join by capture of its changes"),
    ),
    "24": (
        Argument("The principles together make a system of services that is right under failure"),
        Argument("Such a system answers who asks, and scales out"),
    ),
}

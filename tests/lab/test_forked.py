"""A process that was forked from the lab's calls the lab (Unix): it has clients of its own."""

import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.broker,
    pytest.mark.skipif(sys.platform == "win32", reason="this system cannot fork"),
]

# In a process of its own: pytest's has threads that a fork may catch with a lock.
SCRIPT = """
import multiprocessing, os, sys
from confluent_kafka import Consumer
from eventlab.events import Shop
from eventlab.lab import Lab

def call(lab):
    report = lab.produce([{"n": 2}], into="forked")
    return report.acknowledged, len(lab.read("forked"))

def work(answers):
    answers.put(call(lab))

lab = Lab("forked")
lab.new_topic("forked")
lab.produce([{"n": 1}], into="forked")
consumer = lab.keep(Consumer(lab.kafka | {"group.id": lab.name("group")}))
player = lab.play(Shop(seed=7).orders(), into=lab.new_topic("played"), speed=1)

context = multiprocessing.get_context("fork")
answers = context.Queue()
process = context.Process(target=work, args=(answers,))
process.start()
print(answers.get(timeout=60), flush=True)
process.join(60)
print("ended with", process.exitcode, flush=True)

child = os.fork()
if child == 0:
    print(call(lab), flush=True)
    sys.exit(7)
print("ended with", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
print(call(lab), lab.broker.status, player.status.state, flush=True)
"""


def test_a_forked_process_calls_the_lab_as_its_parent_does():
    """By multiprocessing and by os.fork; each ends by itself, and the parent goes on."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, encoding="utf-8", timeout=150
    )
    assert done.stdout.splitlines()[1:] == [
        "(1, 2)",
        "ended with 0",
        "(1, 3)",
        "ended with 7",
        "(1, 4) running playing",
    ], done.stderr

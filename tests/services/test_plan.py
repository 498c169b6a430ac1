import pickle

from eventlab.services.inside import Peer, Place
from eventlab.services.plan import Plan, Ready
from eventlab.services.policies import CallPolicy


def test_a_plan_comes_through_a_pipe():
    """With the policy of each whom it calls, and the lines of its cells."""
    place = Place("shop", {"stock": Peer("http://127.0.0.1:1", CallPolicy(retries=7))})
    plan = Plan(place, b"work", ["a"], {"cell": ["x = 1\n"]}, 5)
    again = pickle.loads(pickle.dumps(plan))
    assert again == plan
    assert again.place.peers["stock"].policy.retries == 7
    assert pickle.loads(pickle.dumps(Ready())) == Ready()

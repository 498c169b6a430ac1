"""Fold rows as a query does: one after the other, two sessions that become one, rows taken back."""

import pickle
from copy import deepcopy

from eventlab.sql.functions.registry import Functions

FUNCTIONS = Functions.builtin()


def folding_of(name, kinds, *written_out):
    """Return the Folding of an aggregate function, and whether it takes NULL."""
    chosen = FUNCTIONS.aggregate(name, kinds)
    return chosen.variant.compute(*written_out), chosen.variant.takes_null


def folded(name, kinds, rows, *written_out):
    """Return the results after each row; a row is a tuple of what is not written out."""
    folding, takes_null = folding_of(name, kinds, *written_out)
    state = folding.begin()
    results = []
    for row in rows:
        if takes_null or None not in row:
            before = deepcopy(state)
            after = pickle.loads(pickle.dumps(folding.add(state, *row)))
            assert state == before, "a state is never changed in place"
            state = after
        results.append(folding.result(state))
    return results


def state_of(folding, values):
    """Return the state of values that are added one after the other."""
    state = folding.begin()
    for value in values:
        state = folding.add(state, value)
    return state

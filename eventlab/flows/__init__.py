"""Flows that run: in a thread, in processes of their own, stopped, resumed and recovered."""

from eventlab.flows.launching import run
from eventlab.flows.recovery import prepare_store
from eventlab.flows.running import Running

__all__ = ["Running", "prepare_store", "run"]

"""Services beside the log, each a process of its own: HTTP servers, consumers, calls and faults."""

from eventlab.services.http_service import HttpService
from eventlab.services.inside import call, publish
from eventlab.services.mesh import Calls, Mesh
from eventlab.services.policies import CallPolicy
from eventlab.services.service import EventService, Service

__all__ = [
    "CallPolicy",
    "Calls",
    "EventService",
    "HttpService",
    "Mesh",
    "Service",
    "call",
    "publish",
]

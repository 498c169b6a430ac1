"""Ready-made pictures of streams: each takes topics, a table or a flow, and moves once shown."""

from eventlab.pictures.bookmark import Bookmark
from eventlab.pictures.events import EventCards, EventChart
from eventlab.pictures.join import JoinPicture
from eventlab.pictures.lag import LagPicture
from eventlab.pictures.lanes import Lanes
from eventlab.pictures.lateness import LatenessPicture
from eventlab.pictures.order_timeline import OrderTimeline
from eventlab.pictures.service_graph import ServiceGraph
from eventlab.pictures.survivor import Survivor
from eventlab.pictures.table import TablePicture
from eventlab.pictures.windows import WindowPicture

__all__ = [
    "Bookmark",
    "EventCards",
    "EventChart",
    "JoinPicture",
    "LagPicture",
    "Lanes",
    "LatenessPicture",
    "OrderTimeline",
    "ServiceGraph",
    "Survivor",
    "TablePicture",
    "WindowPicture",
]

"""Ready-made pictures of streams: each takes topics, a table or a flow, and moves by itself."""

from eventlab.pictures.join import JoinPicture
from eventlab.pictures.lag import LagPicture
from eventlab.pictures.lanes import Lanes
from eventlab.pictures.lateness import LatenessPicture
from eventlab.pictures.table import TablePicture
from eventlab.pictures.windows import WindowPicture

__all__ = [
    "JoinPicture",
    "LagPicture",
    "Lanes",
    "LatenessPicture",
    "TablePicture",
    "WindowPicture",
]

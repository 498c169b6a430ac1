"""What moves on the page: live charts, cards, controls; and how every chart looks."""

from eventlab.live.busy import acts_while_busy
from eventlab.live.buttons import Buttons
from eventlab.live.cards import Card, Cards
from eventlab.live.chart import LiveChart
from eventlab.live.player_control import PlayerControl
from eventlab.live.renderer import use_renderer
from eventlab.live.theme import COLOURS, categories, use_theme
from eventlab.live.ticker import Ticker
from eventlab.live.trouble import error_line
from eventlab.live.vega import vega_is_ready, warm_up_vega

__all__ = [
    "COLOURS",
    "Buttons",
    "Card",
    "Cards",
    "LiveChart",
    "PlayerControl",
    "Ticker",
    "acts_while_busy",
    "categories",
    "error_line",
    "use_renderer",
    "use_theme",
    "vega_is_ready",
    "warm_up_vega",
]

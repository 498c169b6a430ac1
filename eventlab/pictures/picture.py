"""What every picture of streams is: shown when it is made, moving until it is stopped."""

from eventlab.live.widget import LiveWidget


class Picture:
    """Stand for a live chart that is fed from topics; `chart` is the chart itself."""

    chart: LiveWidget

    def stop(self) -> None:
        """End the movement and leave the picture in the output; call it from a cell."""
        self.chart.stop()

    def _ipython_display_(self) -> None:
        """Show nothing more as a cell's last value: it was shown when it was made."""

    def __repr__(self) -> str:
        return type(self).__name__

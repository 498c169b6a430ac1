"""What one does with Apache Flink: install it on request, start it, and ask it."""

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from eventlab.checked import checked
from eventlab.lab.progress import Progress
from eventlab.lab.sql_verbs import SqlVerbs
from eventlab.processes.closing import close_all

if TYPE_CHECKING:  # nobody needs it but who asks for it
    from eventlab.flink import Flink


class FlinkVerbs(SqlVerbs):
    """Ask topics in the SQL of Apache Flink, which is optional; a part of Verbs."""

    _own_flink: "Flink | None" = None

    @property
    @abstractmethod
    def kafka(self) -> dict[str, Any]:
        """Return settings for plain clients."""

    @checked
    def flink(self, *, install: bool = False) -> "Flink":
        """Start Apache Flink's SQL gateway, and return it; one that runs already is returned.

        It is optional: nothing else needs it. What it costs is printed. The first time it has to be
        installed: `install=True` says yes to the download. See flink.Flink for what it takes. It
        ends with the lab. Raises SetupError where it is not installed or the memory is not there,
        DownloadError and ServiceError.

        Examples:
            >>> flink = lab.flink(install=True)  # doctest: +SKIP
            >>> flink.table("orders", "cents INT")  # doctest: +SKIP
            >>> flink.sql("SELECT SUM(cents) AS cents FROM orders")  # doctest: +SKIP
               cents
            0     25
        """
        running = self._own_flink
        if running is not None and running.is_alive:
            return running
        from eventlab.flink import installing
        from eventlab.flink.engine import Flink

        installing.require(install=install)
        print(installing.cost())
        with Progress() as progress:
            installing.install(progress)
        # Not among what a cell has opened: a cell that runs again goes on with it.
        self._own_flink = Flink(self.topic, self.kafka).start()
        return self._own_flink

    # -- how --------------------------------------------------------------------------------------

    def _close_opened(self) -> None:
        flink = self._own_flink
        self._own_flink = None
        endings = [super()._close_opened]
        close_all(endings if flink is None else [flink.stop, *endings])

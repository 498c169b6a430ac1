"""The nodes of a broker, each with its folder, its settings and its formatted storage.

One node is its own controller. Of several the first is, and the others are brokers only: they start
when the first one listens, and may be killed one by one (KRaft with a standalone controller).
"""

from pathlib import Path

from eventlab.broker.installation import Installation, format_storage
from eventlab.broker.plan import NodePlan, node_folder
from eventlab.broker.properties import write_properties


def node_plans(ready: Installation, folder: Path, *, count: int = 1) -> list[NodePlan]:
    """Return the plans of so many nodes in `folder`; all is written.

    Raises SetupError and OSError.
    """
    further = [_further(ready, folder, number, count) for number in range(2, count + 1)]
    return [_first(ready, folder, count), *further]


def _first(ready: Installation, folder: Path, of: int) -> NodePlan:
    return NodePlan(
        folder=str(folder),
        command=ready.command(write_properties(folder, 1, of)),
        template=str(ready.template),
    )


def _further(ready: Installation, folder: Path, number: int, of: int) -> NodePlan:
    own = node_folder(folder, number)
    own.mkdir(parents=True, exist_ok=True)
    properties = write_properties(own, number, of)
    template = own / "template"
    if not template.exists():
        identity = _cluster_id(ready.template)
        format_storage(ready, own, template, identity, properties, "--no-initial-controllers")
    return NodePlan(
        folder=str(own),
        command=ready.command(properties),
        template=str(template),
        number=number,
        is_controller=False,
    )


def _cluster_id(template: Path) -> str:
    """Return the id of the cluster that a template was formatted for."""
    lines = (template / "meta.properties").read_text(encoding="utf-8").splitlines()
    return next(line.partition("=")[2] for line in lines if line.startswith("cluster.id="))

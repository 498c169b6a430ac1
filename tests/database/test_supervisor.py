"""What the supervisor of PostgreSQL holds, and what it leaves."""

from eventlab.database.identity import Identity
from eventlab.database.plan import ServerPlan
from eventlab.database.supervisor import discard_data, servers_of


def test_it_holds_one_server_and_leaves_no_data(tmp_path):
    """At the end the data are deleted; without them nothing is."""
    data = tmp_path / "data"
    data.joinpath("base").mkdir(parents=True)
    plan = ServerPlan(
        str(tmp_path), "postgres", str(data), str(data), "template", Identity(), {}, "x", 2.0
    )
    assert [server.report.state for server in servers_of(plan)] == ["stopped"]
    discard_data(plan)
    discard_data(plan)
    assert list(tmp_path.iterdir()) == []

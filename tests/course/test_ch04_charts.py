from eventlab.course.ch04_charts import member_names, members_chart, receivers_chart
from eventlab.live.specification import reserved_height, specification


def up_to(row):
    """Return the domain of what is drawn upon the band."""
    return row["layer"][1]["encoding"]["y"]["scale"]["domain"]


def test_each_receiver_has_a_row_below_the_sender():
    """All of them as tall as all orders, so that two rows can be compared."""
    spec = specification(receivers_chart(["stock", "report"], 160, 1_000, 40))
    sender, *rows = spec["vconcat"]
    assert up_to(sender) == [0, 1_000]
    assert [up_to(row) for row in rows] == [[0, 160]] * 2
    assert reserved_height(spec) > 0


def test_two_runs_have_one_time_axis():
    """However long each of them takes, up to so many seconds."""
    sender, *_ = specification(receivers_chart(["stock"], 160, 1_000, 40))["vconcat"]
    assert sender["layer"][-1]["encoding"]["x"]["datum"] == 40


def test_each_member_has_a_colour_and_each_partition_a_bar():
    """As many as there are."""
    spec = specification(members_chart([0, 1, 2], member_names(3)))
    bars = spec["layer"][0]["encoding"]
    assert bars["color"]["scale"]["domain"] == ["member 1", "member 2", "member 3"]
    assert bars["y"]["scale"]["domain"] == [0, 1, 2]

import json
import shlex

import pytest

from eventlab.course.sql_tour import as_data, counted
from eventlab.log import Record, produce


def test_a_statement_survives_the_shell_and_json():
    """Whatever quotes it has."""
    statement = "SELECT 'it''s' AS a, \"b\" FROM c;\n"
    (word,) = shlex.split(as_data("ksql", statement))
    assert json.loads(word) == {"ksql": statement}


@pytest.mark.broker
def test_a_table_is_the_last_record_of_each_key(lab):
    """And what it has not come to in time is returned all the same."""
    topic = lab.new_topic("sold")
    assert counted(lab, "sold", 1, timeout_seconds=0) == 0
    values = [("DE", 1), ("FR", 1), ("DE", 2)]
    produce(topic, [Record(key, b'{"ORDERS": %d}' % one) for key, one in values]).require_all()
    assert counted(lab, "sold", 3) == 3
    assert counted(lab, "sold", 9, timeout_seconds=0) == 3

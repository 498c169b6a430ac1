"""Words of ksqlDB's dialect: those that cannot be names, and what names look like.

Source: ksqlDB's reference, "Lexical structure" and "Keywords".
"""

import re

# A name without quotes; one that begins with a digit has more than digits in it.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_@]*|[0-9][0-9_@]*[A-Za-z_@][A-Za-z0-9_@]*")
NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
SOURCE_NAME = re.compile(r"[A-Za-z0-9_-]+")
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_RESERVED = """
ADVANCE ALL AND AS AT BEGINNING BETWEEN BY CASE CAST CATALOG CONNECTOR CONNECTORS CREATE DAYS
DECIMAL DELETE DESCRIBE DISTINCT DROP ELSE END EXISTS EXPORT EXTENDED FALSE FROM FULL GROUP
HAVING HOPPING HOURS IN INNER INSERT INTO IS JOIN LEFT LIKE LIMIT LIST LOAD MATERIALIZED
MILLISECOND MILLISECONDS MINUTES MONTHS NAMESPACE NOT NULL ON OR OUTER PAUSE PRINT PROPERTIES
QUERIES QUERY RENAME RESUME RETENTION RIGHT RUN SAMPLE SCRIPT SECONDS SELECT SIZE STREAM
STREAMS TABLE TERMINATE THEN TO TOPIC TOPICS TRUE TUMBLING UNSET VALUES VIEW WHEN WHERE WINDOW
WITH WITHIN YEARS
"""
# What cannot be a name unless it is quoted.
RESERVED = frozenset(_RESERVED.split())

# What other dialects say, and what says it here.
INSTEAD = {
    "ORDER": "Rows come in the order of their records; leave ORDER BY out.",
    "DISTINCT": "COUNT_DISTINCT(x) counts the different values; GROUP BY x has a row for each.",
    "UNION": "Let INSERT INTO write what each of the queries selects into one stream.",
    "OVER": "A WINDOW behind FROM, together with GROUP BY, takes the place of OVER.",
    "SELECT": "CREATE STREAM … AS the inner SELECT, and select from that stream.",
    "UPDATE": "INSERT INTO a table a row of the same key.",
    "TOP": "LIMIT, at the end of the statement, says how many rows.",
    ":": "CAST(x AS INT) makes another type of a value.",
}

import json
import os
import shutil
import socket
import subprocess
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from eventlab.log import Record, produce
from eventlab.sql.server.held import SqlServer
from tests.sql.server.asking import V1, ask, pulled, run
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def url(broker):
    """Where a server is asked that all tests of this module share."""
    with SqlServer(f"app-{os.getpid()}") as server:
        yield server.url


@pytest.fixture
def stream(url, new_topic):
    """A stream of its own over an empty topic."""
    topic = new_topic()
    name = f"s{abs(hash(topic.name))}"
    run(
        url,
        f"CREATE STREAM {name} (k STRING KEY, n INT)"
        f" WITH (KAFKA_TOPIC='{topic}', VALUE_FORMAT='JSON');",
    )
    return name


@pytest.fixture
def fill(url, stream):
    """What writes rows into the stream."""

    def write(*rows):
        lines = [{"target": stream}, *({"k": k, "n": n} for k, n in rows)]
        body = "".join(json.dumps(line) + "\n" for line in lines).encode()
        return ask(url, "POST", "/inserts-stream", body).lines

    return write


def test_it_says_what_it_is(url):
    """Version, cluster, id, health."""
    info = ask(url, "GET", "/info").json["KsqlServerInfo"]
    assert info["kafkaClusterId"]
    assert info["ksqlServiceId"].startswith("app-")
    health = ask(url, "GET", "/healthcheck").json
    assert (health["isHealthy"], health["details"]["kafka"]["isHealthy"]) == (True, True)
    (host,) = ask(url, "GET", "/clusterStatus").json["clusterStatus"].values()
    assert host["hostAlive"]
    assert ask(url, "GET", "/is_valid_property/auto.offset.reset").json is True


def test_statements_have_ksqldbs_content_type(url):
    """The one that the client accepts, and JSON where it accepts anything."""
    body = {"ksql": "LIST STREAMS;", "streamsProperties": {}}
    assert ask(url, "POST", "/ksql", body, V1).kind == V1
    assert ask(url, "POST", "/ksql", body).kind == "application/json"
    assert ask(url, "POST", "/ksql", body, "text/html").json["error_code"] == 40600


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"ksql": "CREATE STRAEM;"}, 40001, "Did you mean STREAM"),
        ({"ksql": "DESCRIBE nothing;"}, 40001, "There is no stream or table NOTHING"),
        ({"ksql": "SELECT 1;"}, 40001, ""),
        ({"sql": "LIST STREAMS;"}, 40000, 'no text under "ksql"'),
        ({"ksql": "LIST STREAMS;", "streamsProperties": 5}, 40000, "no JSON object"),
        ([], 40000, "no JSON object"),
        (b"{", 40000, "no JSON"),
        (b"\xff", 40000, "no JSON"),
        (b'{"ksql": "PRINT \'\\ud800\';"}', 40000, "half a character in a text: '\\ud800'"),
        pytest.param(b"[" * 100_000, 40000, "too many levels", id="too many levels"),
    ],
)
def test_what_is_wrong_has_a_code_and_a_sentence(url, body, code, words):
    """In the form that older clients read too."""
    answer = ask(url, "POST", "/ksql", body)
    found = answer.json
    assert (answer.status, found["error_code"], found["stackTrace"]) == (400, code, [])
    assert words in found["message"]


@pytest.mark.parametrize("path", ["/query-stream", "/inserts-stream", "/close-query"])
@pytest.mark.parametrize(
    "body",
    [b'{"sql": "\\udfff", "target": "\\ud800"}', b"[" * 100_000],
    ids=["half a character", "too many levels"],
)
def test_a_body_that_no_answer_could_hold_is_refused_everywhere(url, path, body):
    """And the connection goes on."""
    answer = ask(url, "POST", path, body)
    assert (answer.status, answer.json["error_code"]) == (400, 40000)


def test_pages_of_other_sites_may_not_ask(url):
    """A browser says whose page it is; other programs say nothing."""
    body = {"ksql": "SHOW TYPES;"}
    assert ask(url, "POST", "/ksql", body, Origin="http://example.com").status == 403
    assert ask(url, "POST", "/ksql", body, Origin="http://localhost:8888").status == 200


def test_an_unknown_path_is_said_in_json(url):
    """And a path that is asked by another method."""
    assert ask(url, "GET", "/nowhere").json["error_code"] == 40400
    assert ask(url, "GET", "/ksql").json["error_code"] == 40500
    assert ask(url, "GET", "/status/stream/NOTHING/create").status == 404


def test_the_status_of_a_statement_is_asked_by_its_id(url, stream):
    """As its answer has named it, with a name in quotes or without."""
    for name in (f"stream/{stream.upper()}/create", f"stream/`{stream.upper()}`/create"):
        assert ask(url, "GET", f"/status/{name}").json["status"] == "SUCCESS"
    assert "SUCCESS" in ask(url, "GET", "/status").json["commandStatuses"].values()


def test_a_push_query_is_framed_as_its_client_asks(url, stream, fill):
    """Lines, an array, or objects; all until the limit."""
    assert fill(("a", 1), ("b", 2)) == [{"status": "ok", "seq": 0}, {"status": "ok", "seq": 1}]
    query = f"SELECT * FROM {stream} EMIT CHANGES LIMIT 2;"
    header, *rows = ask(url, "POST", "/query-stream", {"sql": query}).lines
    assert header["columnTypes"] == ["STRING", "INTEGER"]
    assert rows == [["a", 1], ["b", 2]]
    array = ask(url, "POST", "/query-stream", {"sql": query}, "application/json").json
    assert array[1:] == rows
    objects = ask(url, "POST", "/query", {"ksql": query}, V1)
    assert objects.kind == V1
    assert objects.json[0]["header"]["schema"] == "`K` STRING, `N` INTEGER"
    assert objects.json[1:] == [
        {"row": {"columns": ["a", 1]}},
        {"row": {"columns": ["b", 2]}},
        {"finalMessage": "Limit Reached"},
    ]


def test_rows_come_while_they_are_written(url, stream, fill):
    """Until the query is closed by its id."""
    connection = HTTPConnection(url[7:], timeout=60)
    query = f"SELECT n FROM {stream} EMIT CHANGES;"
    connection.request("POST", "/query-stream", json.dumps({"sql": query}))
    answer = connection.getresponse()
    header = json.loads(answer.readline())
    for number in range(3):
        fill(("a", number))
        assert json.loads(answer.readline()) == [number]
    assert ask(url, "POST", "/close-query", {"queryId": header["queryId"]}).status == 200
    assert answer.readline() == b""
    assert ask(url, "POST", "/close-query", {"queryId": header["queryId"]}).status == 400
    connection.close()


def test_a_query_ends_when_its_client_has_left(url, stream, fill):
    """Though no row comes any more."""
    connection = HTTPConnection(url[7:], timeout=60)
    query = f"SELECT n FROM {stream} EMIT CHANGES;"
    connection.request("POST", "/query-stream", json.dumps({"sql": query}))
    answer = connection.getresponse()
    header = json.loads(answer.readline())
    answer.close()
    connection.close()

    def has_ended():
        return ask(url, "POST", "/close-query", {"queryId": header["queryId"]}).status == 400

    ask(url, "POST", "/query-stream", {"sql": f"SELECT n FROM {stream} EMIT CHANGES LIMIT 0;"})
    until(has_ended)


def test_print_shows_records_as_they_are(url, new_topic):
    """In lines of text, and in no other form; of a topic that is there."""
    topic = new_topic()
    produce(topic, [Record("k", b"v", 1_000), Record(None, b"\xff", 2_000)])
    body = {"sql": f"PRINT '{topic}' FROM BEGINNING LIMIT 2;"}
    assert ask(url, "POST", "/query-stream", body).text.splitlines() == [
        "rowtime: 1970/01/01 00:00:01.000 Z, key: k, value: v, partition: 0",
        "rowtime: 1970/01/01 00:00:02.000 Z, key: <null>, value: \\xff, partition: 0",
    ]
    assert ask(url, "POST", "/query-stream", body, "application/json").status == 406
    missing = ask(url, "POST", "/query-stream", {"sql": "PRINT 'not.there';"})
    assert (missing.status, missing.json["error_code"]) == (400, 40001)


def test_a_pull_query_gives_what_is_now(url, stream, fill, new_topic):
    """With variables of the request."""
    table = f"{stream}_t"
    run(
        url,
        f"CREATE TABLE {table} WITH (KAFKA_TOPIC='{new_topic()}') AS"
        f" SELECT k, COUNT(*) AS c FROM {stream} GROUP BY k;",
    )
    fill(*[("a", 1)] * 3, ("b", 1))
    until(lambda: sorted(pulled(url, f"SELECT * FROM {table};")) == [["a", 3], ["b", 1]])
    body = {"sql": "SELECT c FROM ${t} WHERE k = 'a';", "sessionVariables": {"t": table}}
    assert ask(url, "POST", "/query-stream", body).lines == [
        {"columnNames": ["C"], "columnTypes": ["BIGINT"]},
        [3],
    ]


def test_rows_that_do_not_fit_are_named(url, stream):
    """The others are written; without a stream there is no answer but an error."""
    lines = b'{"target":"%s"}\n{"k":"a"}\n{"x":1}\n' % stream.encode()
    answers = ask(url, "POST", "/inserts-stream", lines).lines
    assert [(one["status"], one["seq"]) for one in answers] == [("ok", 0), ("error", 1)]
    for body in (b'{"target":"nowhere"}', b'{"k":1}', b""):
        assert ask(url, "POST", "/inserts-stream", body).status == 400


def test_many_ask_at_once(url, stream, fill):
    """Each gets all rows."""
    fill(*[("a", number) for number in range(20)])
    query = {"sql": f"SELECT n FROM {stream} EMIT CHANGES LIMIT 20;"}
    found = []

    def read():
        found.append(len(ask(url, "POST", "/query-stream", query).lines))

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found == [21] * 8


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_curl_asks_as_ksqldbs_documentation_does(url, stream, fill):
    """With HTTP/1.1, and with a body without a content type."""
    fill(("a", 1))
    query = json.dumps({"sql": f"SELECT * FROM {stream} EMIT CHANGES LIMIT 1;"})
    statement = json.dumps({"ksql": "LIST STREAMS;", "streamsProperties": {}})
    options = ["--http1.1", "-s", "-X", "POST", "-H", f"Accept: {V1}"]

    def curl(*arguments):
        return subprocess.run(
            ["curl", *arguments], capture_output=True, encoding="utf-8", check=True
        ).stdout

    assert json.loads(curl(*options, f"{url}/ksql", "-d", statement))[0]["@type"] == "streams"
    assert curl("-s", "-X", "POST", f"{url}/query-stream", "-d", query).endswith('["a",1]\n')
    assert "KsqlServerInfo" in curl("--http1.1", "-sX", "GET", f"{url}/info")
    row = f'{{"target": "{stream}"}}\n{{"k": "b", "n": 2}}'
    inserted = curl("--http2", "-s", "-X", "POST", f"{url}/inserts-stream", "--data-binary", row)
    assert json.loads(inserted) == {"status": "ok", "seq": 0}


# -- as the Python client of ksqlDB asks ----------------------------------------------------------

_CLIENT = "Content-Type: application/vnd.ksql.v1+json; charset=utf-8"


def sent(url, head, body):
    """Send a request as it stands, and return its answer, up to its last chunk or its end."""
    place = urlsplit(url)
    data = body.encode()
    lines = [*head, f"Content-Length: {len(data)}", f"Host: {place.netloc}", "", ""]
    with socket.create_connection((place.hostname, place.port), 60) as connection:
        connection.sendall("\r\n".join(lines).encode() + data)
        answer = b""
        while not answer.endswith(b"\r\n0\r\n\r\n") and (more := connection.recv(65536)):
            answer += more
    return answer.decode()


@pytest.mark.parametrize("is_whole", [True, False], ids=["whole URL", "path"])
def test_one_that_offers_http_2_is_answered_with_http_1(url, stream, is_whole):
    """Its body counts, and it may name the whole URL."""
    target = f"{url}/inserts-stream" if is_whole else "/inserts-stream"
    upgrade = ["connection: Upgrade, HTTP2-Settings", "upgrade: h2c", "HTTP2-Settings: AAQAAP__"]
    rows = f'{{"target":"{stream}"}}\n{{"k": "a", "n": 1}}\n{{"k": "b", "m": 2}}'
    answer = sent(url, [f"POST {target} HTTP/1.1", _CLIENT, *upgrade], rows)
    assert answer.startswith("HTTP/1.1 200")
    assert '{"status":"ok","seq":0}' in answer
    assert '"status":"error","seq":1' in answer
    query = json.dumps({"sql": f"SELECT * FROM {stream} EMIT CHANGES LIMIT 1;", "properties": {}})
    answer = sent(url, ["POST /query-stream HTTP/1.1", _CLIENT, *upgrade], query)
    assert '["a",1]' in answer


def test_the_python_client_makes_streams_and_asks(url, stream, fill, new_topic):
    """The statements that it builds, with its own properties, without an Accept."""
    head = [_CLIENT, "Accept-Encoding: identity", "Connection: close"]
    name = f"{stream}_as"

    def asked(path, text, properties=None):
        body = json.dumps({"ksql": text, "streamsProperties": properties or {}})
        answer = sent(url, [f"POST {path} HTTP/1.1", *head], body)
        assert answer.startswith("HTTP/1.1 200"), answer
        return answer.partition("\r\n\r\n")[2]

    made = asked(
        "/ksql",
        f"CREATE stream {name} WITH (kafka_topic='{new_topic()}', value_format='DELIMITED')"
        f" AS SELECT k, n FROM {stream} where n > 1 PARTITION BY k;",
    )
    assert json.loads(made)[0]["commandStatus"]["status"] == "SUCCESS"
    assert isinstance(json.loads(asked("/ksql", "show properties;"))[0]["properties"], list)
    fill(("a", 1), ("b", 2))
    rows = asked(
        "/query",
        f"select * from {name} emit changes limit 1;",
        {"ksql.streams.auto.offset.reset": "earliest"},
    )
    assert '{"row":{"columns":["b",2]}},\n' in rows
    described = json.loads(asked("/ksql", f"DESCRIBE {name} EXTENDED;"))[0]["sourceDescription"]
    (query,) = described["writeQueries"]
    asked("/ksql", f"TERMINATE {query['id']};")
    asked("/ksql", f"DROP\n    STREAM IF EXISTS\n    {name};")
    assert sent(url, ["POST /close-query HTTP/1.1", *head], '{"queryId": "no"}').startswith(
        "HTTP/1.1 400"
    )


def test_all_is_ended_for_good_with_the_topics_that_are_named(broker, new_topic):
    """Of streams and tables that queries keep, by names or by patterns; others stay."""
    kept = new_topic()
    gone = new_topic()
    source = new_topic()
    with SqlServer(f"app-end-{os.getpid()}") as server:
        names = {"one": kept, "two": gone}
        run(
            server.url,
            f"CREATE STREAM s (n INT) WITH (KAFKA_TOPIC='{source}', VALUE_FORMAT='JSON');"
            + "".join(
                f"CREATE STREAM {name} WITH (KAFKA_TOPIC='{topic}') AS SELECT * FROM s;"
                for name, topic in names.items()
            ),
        )
        body = {"deleteTopicList": [gone.name, f"{source.name}.*"]}
        assert ask(server.url, "POST", "/ksql/terminate", body).status == 200
        assert (kept.exists, gone.exists, source.exists) == (True, False, True)
        assert run(server.url, "SHOW STREAMS;")[0]["streams"] == []
        wrong = ask(server.url, "POST", "/ksql/terminate", {"deleteTopicList": ["("]})
        assert wrong.json["error_code"] == 40000
        assert ask(server.url, "POST", "/ksql/terminate").status == 200

"""What stands for a Java with Flink in it: a process that answers as the gateway does.

FAKE_FLINK says how it fares: it is "up", it "fails" at its start, or it says "nothing".
"""

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STACK = """<Exception on server side:
org.apache.flink.table.gateway.api.utils.SqlGatewayException: Failed to fetchResults.
\tat org.apache.flink.table.gateway.Handler.handle(Handler.java:91)
Caused by: org.apache.flink.table.api.ValidationException: SQL validation failed. From line 1, \
column 8 to line 1, column 10: Column 'nix' not found in any table
\tat org.apache.flink.table.planner.Validator.validate(Validator.java:17)
\t... 9 more
Caused by: org.apache.calcite.runtime.CalciteContextException
\t... 11 more
Caused by: org.apache.calcite.sql.validate.SqlValidatorException: Column 'nix' not found in any \
table
\t... 14 more

End of exception on server side>"""

_ONE = [{"name": "n", "logicalType": {"type": "BIGINT"}}]
_SAID = [{"name": "result", "logicalType": {"type": "VARCHAR"}}]


def _page(columns, rows, *, is_query=True, kind="INSERT"):
    data = [row if isinstance(row, dict) else {"kind": kind, "fields": row} for row in rows]
    results = {"columns": columns, "rowFormat": "JSON", "data": data}
    return {"resultType": "PAYLOAD", "isQueryResult": is_query, "results": results}


_NOT_READY = {"resultType": "NOT_READY", "results": None}
_SLOW = "SELECT 1"  # the one that is not ready when it is asked first
_CHANGES = [
    {"kind": kind, "fields": [n]}
    for kind, n in [("INSERT", 1), ("UPDATE_BEFORE", 1), ("UPDATE_AFTER", 2), ("INSERT", 7)]
]

# What each statement gives, page by page.
_GIVEN = {
    _SLOW: [_page(_ONE, []), _page(_ONE, [[1]])],
    "SELECT 2": [_page(_ONE, [[2]])],
    "SELECT changes": [_page(_ONE, _CHANGES)],
    "SELECT nothing": [_page(_ONE, [])],
    "SHOW TABLES": [
        _page(
            [{"name": "table name", "logicalType": {"type": "VARCHAR"}}],
            [["orders"]],
            is_query=False,
        )
    ],
    "EXPLAIN SELECT 1": [_page(_SAID, [["== Plan =="]], is_query=False)],
}


class Gateway(BaseHTTPRequestHandler):
    """Answer as version 4 of the gateway's REST API does."""

    asked: list[str] = []  # noqa: RUF012  one for all requests
    slow: set[str] = set()  # noqa: RUF012

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v4/sessions":
            self._answer({"sessionHandle": "s"})
            return
        self.asked.append(body["statement"])
        self._answer({"operationHandle": str(len(self.asked) - 1)})

    def do_GET(self):
        if self.path == "/asked":
            self._answer(self.asked)
            return
        *_, operation, _result, last = self.path.split("/")
        token = int(last.partition("?")[0])
        statement = self.asked[int(operation)]
        uri = f"/v4/sessions/s/operations/{operation}/result/{token + 1}?rowFormat=JSON"
        if statement == _SLOW and operation not in self.slow:
            self.slow.add(operation)
            self._answer(_NOT_READY)
        elif statement == "SELECT for_ever":
            self._answer(_page(_ONE, [[2 * token], [2 * token + 1]]) | {"nextResultUri": uri})
        elif statement == "SELECT end":
            os._exit(3)
        elif statement == "SELECT no_json":
            self._answer_text(200, b"<html>")
        elif statement.startswith(("CREATE", "DROP")):
            self._answer(_page(_SAID, [["OK"]], is_query=False))
        elif statement in _GIVEN:
            pages = _GIVEN[statement]
            if token < len(pages):
                self._answer(pages[token] | {"nextResultUri": uri})
            else:
                results = pages[0]["results"] | {"data": []}
                self._answer(pages[0] | {"results": results, "resultType": "EOS"})
        else:
            self._answer({"errors": ["Internal server error.", STACK]}, 500)

    def do_DELETE(self):
        self.asked.append(f"closed {self.path.split('/')[-2]}")
        self._answer({"status": "CLOSED"})

    def log_message(self, *_args):
        """Say nothing."""

    def _answer(self, thing, status=200):
        self._answer_text(status, json.dumps(thing).encode())

    def _answer_text(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def served() -> ThreadingHTTPServer:
    """Return a gateway that answers in threads of this process; nobody else's statements."""
    handler = type("Own", (Gateway,), {"asked": [], "slow": set()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    """Behave as a Java that was asked to run Flink."""
    assert Path(os.environ["FLINK_CONF_DIR"], "config.yaml").exists()
    kind = os.environ["FAKE_FLINK"]
    if kind == "fails":
        print("Picked up something")
        print("java.net.BindException: Could not start rest endpoint on any port", flush=True)
        sys.exit(1)
    if kind == "up":
        server = served()
        print(f"INFO Rest endpoint listening at 127.0.0.1:{server.server_port}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()

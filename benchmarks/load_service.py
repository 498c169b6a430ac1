"""The service of bench_load: answers at once, and holds everything up when it is commanded to."""

import asyncio
import socket
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from eventlab.processes.owner import Owner

STALL_SECONDS = 0.3


async def order(_request: Request) -> JSONResponse:
    return JSONResponse({"id": "o-1", "state": "paid", "cents": 950})


def main() -> None:
    """Serve on the socket that the owner has bound."""
    owner = Owner()
    listening = socket.socket(fileno=owner.receive())
    app = Starlette(routes=[Route("/order", order)])
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        owner.obey(lambda _command: loop.call_soon_threadsafe(time.sleep, STALL_SECONDS))
        loop.call_soon(owner.send, "ready")
        await server.serve([listening])

    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(serve())

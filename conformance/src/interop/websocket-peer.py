"""An echo server and client of Python Tornado: `serve`, or `connect URL COMPRESSED`, with JSON lines on standard output."""
import asyncio
import json
import sys

import tornado.web
import tornado.websocket

MESSAGES = ["", "text", "\u00fcn\u00efc\u00f6d\u00e9 \U0001f600", b"", b"\x00\x01\xfe\xff", "x" * 125, "x" * 126, b"\x01" * 65535, "y" * 65536, b"tornado" * 150000]


class Echo(tornado.websocket.WebSocketHandler):
    def get_compression_options(self):
        return {} if self.get_argument("compressed", "") == "yes" else None

    def select_subprotocol(self, subprotocols):
        return subprotocols[-1] if subprotocols else None

    async def on_message(self, message):
        await self.write_message(message, binary=isinstance(message, bytes))
        if message == "close me":
            self.close(4002, "as you wish")


async def serve():
    server = tornado.web.Application([("/", Echo)]).listen(0, "127.0.0.1")
    port = list(server._sockets.values())[0].getsockname()[1]
    print(json.dumps({"port": port}), flush=True)
    await asyncio.get_event_loop().run_in_executor(None, sys.stdin.read)


async def connect(url, compressed):
    connection = await tornado.websocket.websocket_connect(
        url, compression_options={} if compressed else None, subprotocols=["one", "two"]
    )
    same = 0
    for message in MESSAGES:
        await connection.write_message(message, binary=isinstance(message, bytes))
    for message in MESSAGES:
        same += await connection.read_message() == message
    await connection.write_message("close me")
    last = [await connection.read_message(), await connection.read_message()]
    print(
        json.dumps(
            {
                "same": same,
                "last": last,
                "code": connection.close_code,
                "reason": connection.close_reason,
                "subprotocol": connection.selected_subprotocol,
                "extensions": connection.headers.get("Sec-Websocket-Extensions"),
            }
        ),
        flush=True,
    )


if sys.argv[1] == "serve":
    asyncio.run(serve())
else:
    asyncio.run(connect(sys.argv[2], sys.argv[3] == "yes"))

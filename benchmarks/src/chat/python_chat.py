"""The heart of the chat in Python Tornado: messages by long polling, without names, tokens and pages."""
import asyncio
import json
import sys
import time

import tornado.httpserver
import tornado.locks
import tornado.netutil
import tornado.web


class Room:
    def __init__(self):
        self.messages = []
        self.changed = tornado.locks.Condition()

    def since(self, cursor):
        first = len(self.messages)
        while first > 0 and self.messages[first - 1]["id"] > cursor:
            first -= 1
        return self.messages[first:]

    def publish(self, text):
        last = self.messages[-1]["id"] if self.messages else 0
        message = {"id": max(last + 1, int(time.time() * 1000)), "text": text}
        self.messages.append(message)
        del self.messages[:-200]
        self.changed.notify_all()
        return message


rooms = {}


class Handler(tornado.web.RequestHandler):
    @property
    def room(self):
        return rooms.setdefault(self.get_argument("room"), Room())


class NewMessage(Handler):
    def post(self):
        self.write(self.room.publish(self.get_argument("body")))


class Updates(Handler):
    waiting = None

    async def post(self):
        room = self.room
        cursor = int(self.get_argument("cursor"))
        messages = room.since(cursor)
        while not messages:
            self.waiting = room.changed.wait()
            try:
                await self.waiting
            except asyncio.CancelledError:
                return
            messages = room.since(cursor)
        self.write({"messages": messages})

    def on_connection_close(self):
        if self.waiting is not None:
            self.waiting.cancel()


async def main():
    application = tornado.web.Application(
        [("/a/message/new", NewMessage), ("/a/message/updates", Updates)],
        log_function=lambda handler: None,
    )
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1", backlog=1024)
    tornado.httpserver.HTTPServer(application).add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    print(f"Listening on http://127.0.0.1:{port}", flush=True)
    # Ends with whoever started it.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())

"""Tornado's clients: the first argument says which. Keeps the protocol of client-program.ts."""
import asyncio
import json
import resource
import sys
import time

import tornado.httpclient
import tornado.ioloop
import tornado.netutil
import tornado.tcpserver

WHICH, SPEC = sys.argv[1], json.loads(sys.argv[2])


def say(answer):
    print(json.dumps(answer), flush=True)


async def work(client, port, duration_ms):
    url = "http://127.0.0.1:%d/" % port
    start = time.monotonic()
    counts = {"done": 0, "failed": 0}

    async def worker():
        while True:
            try:
                response = await client.fetch(url)
                counts["done" if len(response.body) == SPEC["size"] else "failed"] += 1
            except Exception:
                counts["failed"] += 1
            if (time.monotonic() - start) * 1000 >= duration_ms:
                return

    await asyncio.gather(*(worker() for _ in range(SPEC["concurrency"] if duration_ms else 1)))
    return {**counts, "seconds": time.monotonic() - start}


class OrderServer(tornado.tcpserver.TCPServer):
    async def handle_stream(self, stream, address):
        order = json.loads(await stream.read_until(b"\n"))
        result = await work(self.client, order["port"], order["durationMs"])
        await stream.write(json.dumps(result).encode() + b"\n")


async def main():
    kind = "tornado.%s_httpclient.%sAsyncHTTPClient" % (WHICH, WHICH.capitalize())
    tornado.httpclient.AsyncHTTPClient.configure(kind, max_clients=SPEC["concurrency"])
    server = OrderServer()
    server.client = tornado.httpclient.AsyncHTTPClient()
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    ended = asyncio.Event()

    def on_line(*_):
        if not sys.stdin.readline():
            ended.set()
            return
        usage = resource.getrusage(resource.RUSAGE_SELF)
        with open("/proc/self/statm") as statm:
            pages = int(statm.read().split()[1])
        cpu_us = round((usage.ru_utime + usage.ru_stime) * 1e6)
        say({"cpuUs": cpu_us, "residentSize": pages * resource.getpagesize()})

    tornado.ioloop.IOLoop.current().add_handler(sys.stdin, on_line, tornado.ioloop.IOLoop.READ)
    say({"port": sockets[0].getsockname()[1]})
    await ended.wait()


asyncio.run(main())

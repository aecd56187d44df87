"""The twin of web.ts in Python: the same answers, the framework's own headers."""
import json
import resource
import sys
import time

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
import tornado.tcpserver
import tornado.template
import tornado.web

SPEC = json.loads(sys.argv[1])


class HelloHandler(tornado.web.RequestHandler):
    def get(self):
        self.write(SPEC["answer"])


class JsonHandler(tornado.web.RequestHandler):
    def get(self):
        self.write(SPEC["document"])


class FormHandler(tornado.web.RequestHandler):
    def post(self):
        name, text = self.get_argument("name"), self.get_argument("text")
        self.write("%d %d" % (len(name), len(text)))


class ItemHandler(tornado.web.RequestHandler):
    def get(self, item):
        self.write(item)


def routes():
    if SPEC["kind"] == "hello":
        return [(r"/", HelloHandler)]
    if SPEC["kind"] == "json":
        return [(r"/json", JsonHandler)]
    if SPEC["kind"] == "form":
        return [(r"/form", FormHandler)]
    return [(r"/section-%04d/item/(\d+)" % n, ItemHandler) for n in range(1, SPEC["count"] + 1)]


TABLE = (
    "<table>{% for row in rows %}<tr><td>{{ row['id'] }}</td><td>{{ row['name'] }}</td>"
    "<td>{{ row['email'] }}</td><td>{{ row['company'] }}</td>"
    "<td>{% if row['note'] %}{{ row['note'] }}{% else %}-{% end %}</td></tr>{% end %}</table>"
)


def table_row(index):
    return {
        "id": index,
        "name": "Person %d" % index,
        "email": "person%d@example.com" % index,
        "company": "Smith & Sons" if index % 10 == 0 else "Example",
        "note": "<said \"it's fine\">" if index % 5 == 0 else "",
    }


class EngineServer(tornado.tcpserver.TCPServer):
    """The twin of engine-server.ts."""

    def __init__(self):
        super().__init__()
        if SPEC["kind"] == "table":
            rows = [table_row(index) for index in range(SPEC["rows"])]
            template = tornado.template.Template(TABLE)
            self.work = lambda: template.generate(rows=rows)
        else:
            source = TABLE * SPEC["tables"]
            self.work = lambda: tornado.template.Template(source)

    async def handle_stream(self, stream, address):
        try:
            while True:
                stream.write(self.answer((await stream.read_until(b"\n")).decode().strip()) + b"\n")
        except tornado.iostream.StreamClosedError:
            pass

    def answer(self, line):
        if line == "show":
            output = self.work()
            if SPEC["kind"] == "compile":
                output = output.generate(rows=[table_row(0)])
            return json.dumps(output.decode()).encode()
        start = time.perf_counter()
        end = start + int(line) / 1000
        done = 0
        while time.perf_counter() < end:
            self.work()
            done += 1
        result = {"done": done, "failed": 0, "seconds": time.perf_counter() - start}
        return json.dumps(result).encode()


def make_server():
    if SPEC["kind"] in ("table", "compile"):
        return EngineServer()
    return tornado.httpserver.HTTPServer(tornado.web.Application(routes()))


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main():
    loop = tornado.ioloop.IOLoop.current()
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server = make_server()
    server.add_sockets(sockets)

    def on_line(stdin, events):
        if stdin.readline() == "":
            loop.stop()
            return
        usage = resource.getrusage(resource.RUSAGE_SELF)
        with open("/proc/self/statm") as statm:
            pages = int(statm.read().split()[1])
        cpu_us = round((usage.ru_utime + usage.ru_stime) * 1e6)
        say({"cpuUs": cpu_us, "residentSize": pages * resource.getpagesize()})

    loop.add_handler(sys.stdin, on_line, tornado.ioloop.IOLoop.READ)
    say({"port": sockets[0].getsockname()[1]})
    loop.start()


main()

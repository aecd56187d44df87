"""The twin of web.ts in Python: the same answers, the framework's own headers."""
import json
import resource
import sys

import tornado.httpserver
import tornado.ioloop
import tornado.netutil
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


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main():
    loop = tornado.ioloop.IOLoop.current()
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server = tornado.httpserver.HTTPServer(tornado.web.Application(routes()))
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

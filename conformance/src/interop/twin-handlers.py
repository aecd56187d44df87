# The twins of twin-handlers.ts, on Python Tornado. Run by twin-handlers.test.ts: `given` holds the requests, `result` gets the answers.
import asyncio
import datetime
import logging
import mimetypes
import time
import types

import tornado.httpserver
import tornado.netutil
import tornado.web
from tornado.web import Finish, HTTPError, RequestHandler

logging.disable(logging.CRITICAL)
# Not the types of this machine.
mimetypes.knownfiles.clear()
mimetypes.init()

# The same time for both, so that dates and signatures are equal.
now = given["now"]
time.time = lambda: now


class Datetime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return cls(*datetime.datetime.utcfromtimestamp(now).timetuple()[:6])


tornado.web.datetime = types.SimpleNamespace(
    datetime=Datetime, timedelta=datetime.timedelta
)


class Hello(RequestHandler):
    def get(self):
        self.write("Hello, world")


class Json(RequestHandler):
    def get(self):
        self.write({"text": "grüß </script>", "list": [1, 2.5, None, True], "object": {}})


class Arguments(RequestHandler):
    def get(self):
        self.write(
            {
                "a": self.get_argument("a"),
                "b": self.get_arguments("b"),
                "c": self.get_argument("c", "none"),
                "raw": self.get_query_argument("a", strip=False),
            }
        )


class Form(RequestHandler):
    def post(self):
        self.write(
            {
                "a": self.get_body_argument("a", None),
                "all": self.get_arguments("a"),
                "query": self.get_query_arguments("a"),
            }
        )


class Redirect(RequestHandler):
    def get(self):
        self.redirect(
            self.get_argument("to"), permanent=self.get_argument("for", "") == "ever"
        )

    def post(self):
        self.redirect("/hello", status=303)


class Cookies(RequestHandler):
    def get(self):
        self.write(self.get_cookie("name", "nobody"))
        self.set_cookie("plain", "1")
        self.set_cookie("quoted", "a b;c")
        self.set_cookie("dated", "x", expires_days=1, path="/p")
        self.set_cookie(
            "all", "x", domain="a.example", httponly=True, secure=True, samesite="Lax"
        )
        self.set_cookie("plain", "2")
        self.clear_cookie("old", path="/p", domain="a.example")


class Signed(RequestHandler):
    def get(self):
        self.set_secure_cookie("two", "value")
        self.set_secure_cookie("one", "value", version=1, expires_days=None)

    def post(self):
        for name in ("two", "one", "forged"):
            value = self.get_secure_cookie(name)
            self.write("none " if value is None else value.decode() + " ")


class Xsrf(RequestHandler):
    def get(self):
        self.write("<form>%s</form>" % self.xsrf_form_html())

    def post(self):
        self.check_xsrf_cookie()
        self.write("posted")


class Error(RequestHandler):
    def get(self, kind):
        if kind == "status":
            raise HTTPError(404)
        if kind == "reason":
            raise HTTPError(403, "logged only", reason="Not For <You>")
        if kind == "plain-reason":
            raise HTTPError(403, "logged only", reason="Not For You & Me")
        if kind == "unknown":
            raise HTTPError(477)
        if kind == "exception":
            self.set_header("X-Lost", "1")
            self.write("lost")
            raise ValueError("boom")
        if kind == "send":
            self.send_error(503)
        if kind == "finish":
            self.set_header("X-Kept", "1")
            self.set_status(402)
            self.write("kept")
            raise Finish()


class OwnError(RequestHandler):
    def get(self):
        raise HTTPError(409)

    def write_error(self, status_code, **kwargs):
        self.finish({"status": status_code})


class Etag(RequestHandler):
    def get(self, kind):
        if kind == "own":
            self.set_header("Etag", '"own"')
            if self.check_etag_header():
                self.set_status(304)
                return
        self.write("tagged")

    def compute_etag(self):
        return 'W/"weak"'


class NoEtag(RequestHandler):
    def get(self):
        self.write("untagged")

    def compute_etag(self):
        return None


class Head(RequestHandler):
    def head(self):
        self.set_header("Content-Length", 5)

    def get(self):
        self.write("12345")


class Stream(RequestHandler):
    async def get(self):
        for i in range(3):
            self.write("piece %d " % i)
            await self.flush()
        self.write("end")


class StaticUrl(RequestHandler):
    def get(self):
        self.write(
            self.static_url("a.txt") + " " + self.static_url("a.txt", include_host=True)
        )


class Private(RequestHandler):
    def get_current_user(self):
        return self.get_cookie("user")

    @tornado.web.authenticated
    def get(self):
        self.write("for " + self.current_user)

    @tornado.web.authenticated
    def post(self):
        self.write("done")


class Slash(RequestHandler):
    @tornado.web.addslash
    def get(self):
        self.write("slash")


class Bare(RequestHandler):
    @tornado.web.removeslash
    def get(self):
        self.write("bare")


class Path(RequestHandler):
    def get(self, first, second=None):
        self.write({"args": [first, second]})


class Named(RequestHandler):
    def get(self, year, word=None):
        self.write({"year": year, "word": word})


class Upload(RequestHandler):
    def post(self):
        files = [
            [name, file.filename, file.content_type, file.body.decode("latin1")]
            for name, all in self.request.files.items()
            for file in all
        ]
        self.write({"files": files, "a": self.get_body_arguments("a")})


class Headers(RequestHandler):
    def get(self):
        self.set_header("X-Number", 42)
        self.set_header("X-Date", Datetime(2020, 2, 2, 20, 20, 20))
        self.set_header("x-lower-case", "kept or not")
        self.add_header("X-Several", "1")
        self.add_header("X-Several", "2")
        self.set_header("X-Gone", "1")
        self.clear_header("X-Gone")
        self.set_header("Content-Type", "text/x")
        self.set_status(299, "Quite Fine")
        self.write("x")


class Empty(RequestHandler):
    def get(self):
        self.set_status(204)

    def delete(self):
        self.set_status(204)
        self.set_header("Content-Type", "text/x")


class Defaults(RequestHandler):
    def set_default_headers(self):
        self.set_header("X-Default", "1")
        self.set_header("Server", "Own")

    def get(self):
        self.set_header("X-More", "1")
        if self.get_argument("fail", None):
            raise HTTPError(400)
        self.clear()
        self.write("cleared")


class Facts(RequestHandler):
    def get(self):
        r = self.request
        self.write(
            {
                "facts": [r.method, r.uri, r.path, r.query, r.version, r.protocol, r.host],
                "more": [r.host_name, r.full_url(), r.remote_ip],
                "several": r.headers.get_list("X-A"),
                "joined": r.headers.get("X-A"),
            }
        )


class Large(RequestHandler):
    def get(self):
        self.set_header("Content-Type", self.get_argument("type", "text/plain"))
        self.write("compress me " * 500)


def rules():
    return [
        ("/hello", Hello),
        ("/json", Json),
        ("/arguments", Arguments),
        ("/form", Form),
        ("/redirect", Redirect),
        ("/cookies", Cookies),
        ("/signed", Signed),
        ("/xsrf", Xsrf),
        ("/error/(.*)", Error),
        ("/own-error", OwnError),
        ("/etag/(.*)", Etag),
        ("/no-etag", NoEtag),
        ("/head", Head),
        ("/stream", Stream),
        ("/static-url", StaticUrl),
        ("/private", Private),
        ("/slash/?", Slash),
        ("/bare/?", Bare),
        ("/path/([^/]*)(?:/(.*))?", Path),
        ("/named/(?P<year>[0-9]+)(?:/(?P<word>.*))?", Named),
        ("/upload", Upload),
        ("/headers", Headers),
        ("/empty", Empty),
        ("/defaults", Defaults),
        ("/facts", Facts),
        ("/large", Large),
        ("/moved/(.*)", tornado.web.RedirectHandler, {"url": "/to/{0}"}),
        ("/moved-so", tornado.web.RedirectHandler, {"url": "/so?x=1", "permanent": False}),
        ("/gone", tornado.web.ErrorHandler, {"status_code": 410}),
    ]


def serve(**settings):
    app = tornado.web.Application(
        rules(),
        static_path=given["root"],
        cookie_secret=given["secret"],
        login_url="/login",
        xsrf_cookie_version=1,
        **settings
    )
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    tornado.httpserver.HTTPServer(app).add_sockets(sockets)
    return sockets[0].getsockname()[1]


async def ask(port, data):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data.encode("latin1"))
    answer = await reader.read()
    writer.close()
    return answer.decode("latin1")


async def main():
    ports = {"plain": serve(), "gzip": serve(compress_response=True)}
    return [await ask(ports[app], data) for app, data in given["requests"]]


result = asyncio.run(main())

"""A Flask application, inside the validator of wsgiref."""

from wsgiref.validate import validator

from flask import Flask, Response, abort, redirect, request, session, url_for

site = Flask(__name__, static_folder="static", static_url_path="/static")
site.secret_key = "not secret"


@site.get("/")
def index():
    return "Hello, world"


@site.get("/item/<int:number>")
def item(number):
    return {"number": number, "url": url_for("item", number=number + 1), "query": request.args.get("q")}


@site.route("/form", methods=["GET", "POST"])
def form():
    return "%s=%s" % (request.method, request.form.get("text"))


@site.post("/login")
def login():
    session["name"] = request.form["name"]
    return redirect(url_for("me"))


@site.get("/me")
def me():
    return session.get("name", "nobody")


@site.post("/upload")
def upload():
    size = 0
    with request.files["file"].stream as stream:
        while block := stream.read(65536):
            size += len(block)
    return "%s %d" % (request.files["file"].filename, size)


@site.post("/raw")
def raw():
    size = 0
    while block := request.stream.read(65536):
        size += len(block)
    return str(size)


@site.get("/download/<int:size>")
def download(size):
    block = b"x" * 65536

    def blocks():
        for _ in range(size // len(block)):
            yield block

    return Response(blocks(), mimetype="application/octet-stream")


@site.get("/fail")
def fail():
    raise ValueError("on purpose")


@site.get("/teapot")
def teapot():
    abort(418)


@site.get("/memory")
def memory():
    """The resident memory of the worker, in KiB, and the most that it was."""
    with open("/proc/self/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return {"now": int(lines["VmRSS"].split()[0]), "most": int(lines["VmHWM"].split()[0])}


application = validator(site)

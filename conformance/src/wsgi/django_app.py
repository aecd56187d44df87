"""A Django project of one file, inside the validator of wsgiref."""

import logging
import os
from wsgiref.validate import validator

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.urls import path, reverse
from django.views.static import serve

here = os.path.dirname(os.path.abspath(__file__))

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="not secret",
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
)


def index(request):
    return HttpResponse("Hello, world")


def item(request, number):
    return JsonResponse({"number": number, "url": reverse("item", args=[number + 1]), "query": request.GET.get("q")})


def form(request):
    return HttpResponse("%s=%s" % (request.method, request.POST.get("text")))


def login(request):
    request.session["name"] = request.POST["name"]
    return HttpResponseRedirect(reverse("me"))


def me(request):
    return HttpResponse(request.session.get("name", "nobody"))


def upload(request):
    file = request.FILES["file"]
    return HttpResponse("%s %d" % (file.name, sum(len(block) for block in file.chunks())))


def raw(request):
    size = 0
    while block := request.read(65536):
        size += len(block)
    return HttpResponse(str(size))


def download(request, size):
    block = b"x" * 65536
    return StreamingHttpResponse(block for _ in range(size // len(block)))


def fail(request):
    raise ValueError("on purpose")


def teapot(request):
    return HttpResponse("short and stout", status=418)


def memory(request):
    """The resident memory of the worker, in KiB, and the most that it was."""
    with open("/proc/self/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return JsonResponse({"now": int(lines["VmRSS"].split()[0]), "most": int(lines["VmHWM"].split()[0])})


def this_file(request):
    return FileResponse(open(__file__, "rb"))


urlpatterns = [
    path("", index),
    path("item/<int:number>", item, name="item"),
    path("form", form),
    path("login", login),
    path("me", me, name="me"),
    path("upload", upload),
    path("raw", raw),
    path("download/<int:size>", download),
    path("memory", memory),
    path("fail", fail),
    path("teapot", teapot),
    path("file", this_file),
    path("static/<path:path>", serve, {"document_root": os.path.join(here, "static")}),
]

django.setup()
# It goes to stderr, among the output of the tests.
logging.disable(logging.CRITICAL)
application = validator(WSGIHandler())

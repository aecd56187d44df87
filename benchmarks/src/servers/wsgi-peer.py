"""Serves flask_hello.py: `wsgi-peer.py gunicorn-sync|gunicorn-gthread|tornado SPEC`."""
import json
import os
import signal
import socket
import subprocess
import sys
import time

server, spec = sys.argv[1:]
processes = json.loads(spec)["processes"]
os.environ["BENCHMARK_SPEC"] = spec
here = os.path.dirname(os.path.abspath(__file__))
pids = []


def start_gunicorn(port):
    kind = ["-k", "gthread", "--threads", "4"] if server == "gunicorn-gthread" else ["-k", "sync"]
    command = [sys.executable, "-m", "gunicorn", "-w", str(processes), "-b", "127.0.0.1:%d" % port, "--log-level", "error"]
    return subprocess.Popen(command + kind + ["--chdir", here, "flask_hello:app"], stdin=subprocess.DEVNULL).pid


def start_tornado(listener):
    pid = os.fork()
    if pid != 0:
        return pid
    import asyncio

    from flask_hello import app
    from tornado.httpserver import HTTPServer
    from tornado.wsgi import WSGIContainer

    async def serve():
        HTTPServer(WSGIContainer(app)).add_socket(listener)
        await asyncio.Event().wait()

    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    asyncio.run(serve())
    os._exit(0)


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    return listener


first = listen(0)
port = first.getsockname()[1]
if server == "tornado":
    # A socket for each process: of one that is shared, the process that wakes up first would take nearly all connections.
    listeners = [first] + [listen(port) for _ in range(1, processes)]
    for each in listeners:
        each.listen(128)
        each.setblocking(False)
    pids = [start_tornado(each) for each in listeners]
else:
    first.close()
    pids = [start_gunicorn(port)]
while True:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
        break
    except ConnectionRefusedError:
        time.sleep(0.02)
print(json.dumps({"port": port}), flush=True)
sys.stdin.read()
for pid in pids:
    os.kill(pid, signal.SIGTERM)
for pid in pids:
    os.waitpid(pid, 0)

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


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
port = listener.getsockname()[1]
if server == "tornado":
    listener.listen(128)
    listener.setblocking(False)
    pids = [start_tornado(listener) for _ in range(processes)]
else:
    listener.close()
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

"""Runs one WSGI application (PEP 3333) as a FastCGI responder on a Unix socket.

    python3 worker.py --socket PATH [--threads N] [--multiprocess] [--control FD] package.module:callable

It needs nothing but CPython 3.8 or newer. Each thread serves one connection at a time, and each connection one request
at a time; a connection stays open as long as its requests ask for that.

Over the control descriptor it tells, as one line of JSON, that it listens or why it cannot; it ends when the other side of
that descriptor is gone. SIGTERM ends it, SIGINT is left to the server.
"""

import argparse
import importlib
import io
import json
import os
import re
import signal
import socket
import struct
import sys
import threading
import time
import traceback

BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT, STDERR = range(1, 8)
GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = 9, 10, 11
RESPONDER = 1
KEEP_CONN = 1
REQUEST_COMPLETE, CANT_MPX_CONN, OVERLOADED, UNKNOWN_ROLE = range(4)
MAX_CONTENT = 65528
READ_SIZE = 65536
# In seconds.
LONGEST_END = 30
MAX_PARAMS_SIZE = 1024 * 1024

header = struct.Struct(">BBHHBx")
unpack_size = struct.Struct(">I").unpack_from
begin_body = struct.Struct(">HB5x")
unpack_header = header.unpack_from
pack_header = header.pack

is_status = re.compile(r"[2-9][0-9][0-9] [\t\x20-\x7e\x80-\xff]*").fullmatch
is_token = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
is_value = re.compile(r"[\t\x20-\x7e\x80-\xff]*").fullmatch
is_length = re.compile(r"[0-9]{1,15}").fullmatch
HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade")
)


class Process:
    """What all threads know of the process."""

    threads = 1
    # SIGTERM has come.
    is_stopping = False
    # The application has forked: only the parent goes on to serve.
    is_fork = False

    @classmethod
    def forked(cls):
        cls.is_fork = True

    @staticmethod
    def leave_fork():
        """Ends a child that comes back out of the application, with nothing of the parent's."""
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(0)


# Names of headers that an application may send, in lower case.
plain_names = {}


def check_name(name):
    """The name of a header in lower case, if an application may send it."""
    if is_token(name) is None:
        raise AssertionError("Not a valid header name: %.200r" % name)
    lower = name.lower()
    if lower in HOP_BY_HOP:
        raise AssertionError("Header %s belongs to the server" % name)
    if lower == "status":
        raise AssertionError("Header Status belongs to the gateway")
    # An application that makes names up must not fill the memory.
    if len(plain_names) < 1000:
        plain_names[name] = lower
    return lower


class Disconnected(ConnectionError):
    """The server has closed the connection, or taken the request back."""


class FileWrapper:
    """What wsgi.file_wrapper makes of a file: it is read in blocks of the size that suits the connection."""

    def __init__(self, filelike, blksize=MAX_CONTENT):
        self.filelike = filelike
        self.blksize = blksize
        if hasattr(filelike, "close"):
            self.close = filelike.close

    def __iter__(self):
        return self

    def __next__(self):
        data = self.filelike.read(self.blksize)
        if data:
            return data
        raise StopIteration


class Errors:
    """wsgi.errors: what is written goes to the server's log at each flush."""

    __slots__ = ("response", "pending")

    encoding = "utf-8"

    def __init__(self, response):
        self.response = response
        self.pending = []

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("wsgi.errors takes str, not %s" % type(text).__name__)
        self.pending.append(text)
        if len(self.pending) >= 256:
            self.flush()
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        if not self.pending:
            return
        text = "".join(self.pending)
        self.pending = []
        response = self.response
        try:
            response.connection.send_stream(STDERR, response, text.encode("utf-8", "backslashreplace"))
        except ResponseEnded:
            # Of a thread that the application left behind.
            sys.stderr.write(text)
            sys.stderr.flush()


class ResponseEnded(Exception):
    """The response is complete: what is sent now would be taken for a part of the next one."""


class Input(io.RawIOBase):
    """The bytes of the body as records bring them."""

    def __init__(self, connection):
        self.connection = connection

    def readable(self):
        return True

    def readinto(self, target):
        return self.connection.read_body_into(memoryview(target).cast("B"))


class Flusher:
    """Sends blocks that were kept back, of applications that work on behind them.

    The block that completes the announced length is most often the last one, so it is kept to leave together with the end
    of the request. PEP 3333 has a server transmit a block while the application produces the next one: this thread does.
    """

    PERIOD = 0.005

    def __init__(self):
        self.connections = set()
        self.is_parked = True
        self.wake = threading.Semaphore(0)
        threading.Thread(target=self.run, name="flusher", daemon=True).start()

    def unpark(self):
        self.is_parked = False
        self.wake.release()

    def run(self):
        seen = {}
        while True:
            if not seen:
                self.is_parked = True
                # Looked at behind that: whoever keeps a block from now on wakes it.
                if not any([connection.kept for connection in list(self.connections)]):
                    self.wake.acquire()
                self.is_parked = False
            time.sleep(self.PERIOD)
            found = {}
            for connection in list(self.connections):
                kept = connection.kept
                if kept is None:
                    continue
                if seen.get(connection) is kept:
                    connection.flush_kept()
                else:
                    found[connection] = kept
            seen = found


class Connection:
    """One connection of the server: reads a request, runs the application, and sends what it answers."""

    def __init__(self, sock, application, base_environ, flusher):
        self.sock = sock
        self.application = application
        self.base_environ = base_environ
        self.flusher = flusher
        self.data = b""
        self.at = 0
        self.send_lock = threading.Lock()
        # A block that is to leave with the end of the request.
        self.kept = None
        self.request_id = 0
        self.body_left = 0
        self.body_padding = 0
        self.body_ended = True

    def serve(self):
        self.flusher.connections.add(self)
        try:
            while True:
                request = self.read_whole_request() or self.read_request()
                if request is None:
                    return
                params, keep = request
                body = self.open_body()
                if self.at < len(self.data) and self.body_ended and self.is_taken_back():
                    self.send_end(self.request_id, 1, REQUEST_COMPLETE)
                    continue
                self.run(params, body)
                if not keep:
                    return
                self.skip_body()
        except (Disconnected, ConnectionError):
            pass
        finally:
            self.flusher.connections.discard(self)
            self.flush_kept()
            self.sock.close()

    # What arrives

    def read_whole_request(self):
        """A request without a body that has arrived in one piece; None for any other, of which nothing is read."""
        data = self.data
        at = self.at
        if at == len(data):
            try:
                self.fill()
            except Disconnected:
                return None
            data = self.data
            at = 0
        if not data.startswith(WHOLE_BEGIN, at) or len(data) < at + 24:
            return None
        params = at + 24
        end = params + (data[at + 20] << 8 | data[at + 21])
        if data[at + 22] != 0 or not data.startswith(WHOLE_END, end):
            return None
        self.at = end + 8
        self.request_id = 1
        self.body_ended = False
        self.body_left = self.body_padding = 0
        return data[params:end], True

    def fill(self):
        """Reads more behind what is left."""
        if Process.is_fork:
            Process.leave_fork()
        if Process.is_stopping:
            raise SystemExit(0)
        chunk = self.sock.recv(READ_SIZE)
        if not chunk:
            raise Disconnected
        self.data = self.data[self.at:] + chunk if self.at < len(self.data) else chunk
        self.at = 0

    def read_record(self):
        """The type, request id and content of the next record."""
        while len(self.data) - self.at < 8:
            self.fill()
        version, kind, request_id, size, padding = unpack_header(self.data, self.at)
        if version != 1:
            raise Disconnected
        end = 8 + size + padding
        while len(self.data) - self.at < end:
            self.fill()
        start = self.at + 8
        self.at += end
        return kind, request_id, self.data[start:start + size]

    def read_request(self):
        """The parameters of the next request, and whether the connection stays open behind it."""
        keep = False
        self.request_id = 0
        params = []
        params_size = 0
        while True:
            if self.at == len(self.data) and self.request_id == 0:
                try:
                    self.fill()
                except Disconnected:
                    return None
            kind, request_id, content = self.read_record()
            if kind == PARAMS and request_id == self.request_id != 0:
                if not content:
                    break
                params_size += len(content)
                if params_size > MAX_PARAMS_SIZE:
                    raise Disconnected
                params.append(content)
            elif kind == BEGIN_REQUEST and len(content) == 8 and request_id != 0:
                role, flags = begin_body.unpack(content)
                if self.request_id != 0:
                    self.send_end(request_id, 0, CANT_MPX_CONN)
                elif role != RESPONDER:
                    self.send_end(request_id, 0, UNKNOWN_ROLE)
                    if not flags & KEEP_CONN:
                        return None
                else:
                    self.request_id = request_id
                    keep = bool(flags & KEEP_CONN)
            elif kind == ABORT_REQUEST and request_id == self.request_id != 0:
                self.send_end(request_id, 1, REQUEST_COMPLETE)
                if not keep:
                    return None
                self.request_id = 0
                params = []
            elif request_id == 0:
                self.answer_management(kind, content)
        self.body_ended = False
        self.body_left = self.body_padding = 0
        return params[0] if len(params) == 1 else b"".join(params), keep

    def answer_management(self, kind, content):
        if kind != GET_VALUES:
            body = struct.pack(">B7x", kind)
            self.send(pack_header(1, UNKNOWN_TYPE, 0, len(body), 0) + body)
            return
        threads = str(Process.threads)
        known = {"FCGI_MAX_CONNS": threads, "FCGI_MAX_REQS": threads, "FCGI_MPXS_CONNS": "0"}
        body = b""
        for name in parse_pairs(content, {}):
            value = known.get(name)
            if value is not None:
                body += bytes((len(name), len(value))) + name.encode() + value.encode()
        self.send(pack_header(1, GET_VALUES_RESULT, 0, len(body), 0) + body)

    def next_body_record(self):
        """Goes to the content of the next record of the body; false at its end."""
        while not self.body_ended:
            while len(self.data) - self.at < 8:
                self.fill()
            version, kind, request_id, size, padding = unpack_header(self.data, self.at)
            if version != 1:
                raise Disconnected
            if kind == STDIN and request_id == self.request_id:
                self.at += 8
                if size == 0:
                    self.body_ended = True
                    self.body_left = 0
                    self.body_padding = padding
                    self.skip_padding()
                    return False
                self.body_left = size
                self.body_padding = padding
                return True
            kind, request_id, content = self.read_record()
            if kind == ABORT_REQUEST and request_id == self.request_id:
                raise Disconnected
            if request_id == 0:
                self.answer_management(kind, content)
        return False

    def skip_padding(self):
        while self.body_padding > 0:
            if self.at == len(self.data):
                self.fill()
            skipped = min(self.body_padding, len(self.data) - self.at)
            self.at += skipped
            self.body_padding -= skipped

    def read_body_into(self, target):
        if len(target) == 0:
            return 0
        if self.body_left == 0 and not self.next_body_record():
            return 0
        held = len(self.data) - self.at
        if held > 0:
            size = min(held, self.body_left, len(target))
            target[:size] = self.data[self.at:self.at + size]
            self.at += size
        else:
            if Process.is_fork:
                Process.leave_fork()
            size = self.sock.recv_into(target, min(self.body_left, len(target)))
            if size == 0:
                raise Disconnected
        self.body_left -= size
        if self.body_left == 0:
            self.skip_padding()
        return size

    def skip_body(self):
        """Passes over what the application has left of the body."""
        if self.body_ended:
            return
        trash = memoryview(bytearray(READ_SIZE))
        while self.read_body_into(trash):
            pass

    def open_body(self):
        """wsgi.input: a body that has arrived whole is handed over as it is."""
        data = self.data
        at = self.at
        if len(data) - at >= 8:
            version, kind, request_id, size, padding = unpack_header(data, at)
            if version == 1 and kind == STDIN and request_id == self.request_id:
                if size == 0 and padding == 0:
                    self.body_ended = True
                    self.at = at + 8
                    return io.BytesIO()
                end = at + 8 + size + padding
                # An empty record right behind the first one ends the body.
                if len(data) - end >= 8 and data[end] == 1 and data[end + 1] == STDIN and data[end + 4:end + 7] == b"\0\0\0":
                    if (data[end + 2] << 8 | data[end + 3]) == request_id:
                        self.body_ended = True
                        self.at = end + 8
                        return io.BytesIO(data[at + 8:at + 8 + size])
        return io.BufferedReader(Input(self), READ_SIZE)

    # What is sent

    def send(self, data, response=None, is_end=False):
        """Sends records, of a response only as long as it is not complete."""
        if Process.is_fork:
            Process.leave_fork()
        with self.send_lock:
            if response is not None:
                if response.ended:
                    raise ResponseEnded("The response is complete")
                response.ended = is_end
            kept = self.kept
            if kept is not None:
                self.kept = None
                data = kept + data
            self.sock.sendall(data)

    def keep(self, data, response):
        """Sends a block together with what follows, or a little later."""
        if Process.is_fork:
            Process.leave_fork()
        with self.send_lock:
            if response.ended:
                raise ResponseEnded("The response is complete")
            if self.kept is None:
                self.kept = data
                data = None
        if data is not None:
            self.send(data, response)
        elif self.flusher.is_parked:
            self.flusher.unpark()

    def flush_kept(self):
        if Process.is_fork:
            return
        with self.send_lock:
            data = self.kept
            self.kept = None
            if data is not None:
                try:
                    self.sock.sendall(data)
                except OSError:
                    # The thread of the connection comes to know by itself.
                    pass

    def send_end(self, request_id, app_status, protocol_status, response=None):
        end = pack_header(1, END_REQUEST, request_id, 8, 0) + struct.pack(">IB3x", app_status, protocol_status)
        self.send(end, response, response is not None)

    def send_stream(self, kind, response, data):
        """Sends bytes in as many records as they need."""
        size = len(data)
        request_id = response.request_id
        if size <= MAX_CONTENT:
            self.send(pack_header(1, kind, request_id, size, 0) + data, response)
            return
        view = memoryview(data)
        for start in range(0, size, MAX_CONTENT):
            part = view[start:start + MAX_CONTENT]
            self.send(b"".join((pack_header(1, kind, request_id, len(part), 0), part)), response)

    # The application

    def is_taken_back(self):
        """Whether the server has taken the request back before it was begun."""
        data = self.data
        at = self.at
        if len(data) - at < 8 or data[at + 1] != ABORT_REQUEST or (data[at + 2] << 8 | data[at + 3]) != self.request_id:
            return False
        self.read_record()
        return True

    def run(self, params, body):
        request_id = self.request_id
        environ = self.base_environ.copy()
        parse_pairs(params, environ)
        environ["wsgi.url_scheme"] = environ.pop("REQUEST_SCHEME", None) or (
            "https" if environ.get("HTTPS", "off").lower() in ("on", "1") else "http"
        )
        environ["wsgi.input"] = body
        response = Response(self, request_id, environ["REQUEST_METHOD"])
        errors = environ["wsgi.errors"] = Errors(response)
        app_status = 0
        result = None
        try:
            result = self.application(environ, response.start)
            response.send_result(result, errors)
        except BaseException as error:
            self.report(error, environ, errors)
            app_status = response.fail()
        finally:
            if hasattr(result, "close"):
                try:
                    result.close()
                except BaseException as error:
                    # What was sent stands.
                    self.report(error, environ, errors)
        if errors.pending:
            errors.flush()
        if not response.ended:
            self.send_end(request_id, app_status, REQUEST_COMPLETE, response)

    def report(self, error, environ, errors):
        """Logs what the application has raised. SystemExit does not end the worker, as it would lose other requests."""
        if Process.is_fork:
            Process.leave_fork()
        if Process.is_stopping:
            raise error
        # Of the connection, or raised by the application on its own account: the next look at the connection will tell.
        if isinstance(error, Disconnected) or isinstance(error, ConnectionError) and self.is_gone():
            raise Disconnected from None
        errors.write("Uncaught exception of the application, %s %s\n" % (environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")))
        errors.write(traceback.format_exc())
        errors.flush()

    def is_gone(self):
        """Whether the server has closed the connection."""
        try:
            return self.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True


class Response:
    """What the application answers: its head is sent with the first bytes of the body."""

    __slots__ = ("connection", "request_id", "method", "head", "head_sent", "length", "bodiless", "ended")

    def __init__(self, connection, request_id, method):
        self.connection = connection
        self.request_id = request_id
        self.method = method
        self.head = None
        self.head_sent = False
        # What Content-Length says, or None.
        self.length = None
        self.bodiless = False
        self.ended = False

    def start(self, status, headers, exc_info=None):
        """start_response."""
        if exc_info is not None:
            try:
                if self.head_sent:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None
        elif self.head is not None:
            raise AssertionError("start_response was already called")
        if self.ended:
            raise AssertionError("The response is complete")
        if type(status) is not str or is_status(status) is None:
            raise AssertionError("Not a valid status: %.200r" % (status,))
        if not isinstance(headers, list):
            raise AssertionError("Headers must be a list, not %s" % type(headers).__name__)
        head = "Status: " + status + "\r\n"
        length = None
        for name, value in headers:
            if type(name) is not str:
                raise AssertionError("Not a valid header name: %.200r" % (name,))
            lower = plain_names.get(name) or check_name(name)
            if type(value) is not str or is_value(value) is None:
                raise AssertionError("Not a valid value of header %s: %.200r" % (name, value))
            if lower == "content-length":
                if length is not None:
                    raise AssertionError("Header %s is there twice" % name)
                if is_length(value) is None:
                    raise AssertionError("Not a valid value of header %s: %.200r" % (name, value))
                length = value
            head += name + ": " + value + "\r\n"
        self.head = head
        self.length = length
        self.bodiless = status[:3] in ("204", "304")
        return self.write

    def write(self, data):
        """The write callable, and each block of the result."""
        if not isinstance(data, bytes):
            raise TypeError("The body must be bytes, not %s" % type(data).__name__)
        if self.method == "HEAD":
            data = b""
        if self.head_sent:
            if data:
                self.connection.send_stream(STDOUT, self, data)
            return
        if self.head is None:
            raise AssertionError("The application did not call start_response")
        self.head_sent = True
        block = self.head.encode("latin-1") + b"\r\n" + data
        if self.length == str(len(data)) and len(block) <= MAX_CONTENT:
            self.connection.keep(pack_header(1, STDOUT, self.request_id, len(block), 0) + block, self)
        else:
            self.connection.send_stream(STDOUT, self, block)

    def send_result(self, result, errors):
        if type(result) is list or type(result) is tuple:
            if errors.pending:
                errors.flush()
            self.send_whole(b"".join(result) if len(result) != 1 else result[0])
            return
        write = self.write
        for data in result:
            if data or not isinstance(data, bytes):
                write(data)
                if self.method == "HEAD":
                    break
        if not self.head_sent:
            write(b"")

    def send_whole(self, data):
        """A result that is all there goes out with the end of the request, in one piece if it is small."""
        if not isinstance(data, bytes):
            raise TypeError("The body must be bytes, not %s" % type(data).__name__)
        request_id = self.request_id
        if not self.head_sent:
            if self.head is None:
                raise AssertionError("The application did not call start_response")
            if self.length is None and not self.bodiless and self.method != "HEAD":
                self.head += "Content-Length: %d\r\n" % len(data)
            if self.method == "HEAD":
                data = b""
            data = self.head.encode("latin-1") + b"\r\n" + data
            self.head_sent = True
        elif self.method == "HEAD":
            data = b""
        if len(data) > MAX_CONTENT:
            self.connection.send_stream(STDOUT, self, data)
            return
        self.connection.send(
            pack_header(1, STDOUT, request_id, len(data), 0) + data + pack_header(1, END_REQUEST, request_id, 8, 0) + NO_ERROR,
            self,
            True,
        )

    def fail(self):
        """Answers 500 if nothing has been sent; the status for the end of the request."""
        if self.head_sent:
            return 1
        self.head = "Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: 21\r\n"
        self.write(b"Internal Server Error")
        return 0


NO_ERROR = bytes(8)
# The begin of a request with one record of parameters, and the end of one without a body.
WHOLE_BEGIN = pack_header(1, BEGIN_REQUEST, 1, 8, 0) + begin_body.pack(RESPONDER, KEEP_CONN) + b"\1\4\0\1"
WHOLE_END = pack_header(1, PARAMS, 1, 0, 0) + pack_header(1, STDIN, 1, 0, 0)


def parse_pairs(content, target):
    """Adds the names and values of parameters, one character a byte (PEP 3333: native strings are latin-1)."""
    text = content.decode("latin-1")
    at = 0
    end = len(content)
    try:
        while at < end:
            name_size = content[at]
            value_size = content[at + 1]
            if name_size < 128 and value_size < 128:
                at += 2
            else:
                at, name_size = parse_size(content, at)
                at, value_size = parse_size(content, at)
            name_at = at
            value_at = at + name_size
            at = value_at + value_size
            target[text[name_at:value_at]] = text[value_at:at]
    except (IndexError, struct.error):
        raise Disconnected from None
    if at > end:
        raise Disconnected
    return target


def parse_size(content, at):
    """A size of one or four bytes, and what is behind it."""
    size = content[at]
    if size < 128:
        return at + 1, size
    return at + 4, unpack_size(content, at)[0] & 0x7FFFFFFF


def load_application(target):
    """Imports `package.module:callable`; the name may have dots, or end in () when it makes the application."""
    module_name, colon, name = target.partition(":")
    made = name.endswith("()")
    found = importlib.import_module(module_name)
    for part in (name[:-2] if made else name or "application").split("."):
        found = getattr(found, part)
    if made:
        found = found()
    if not callable(found):
        raise TypeError("%s is not callable" % target)
    return found


def tell(control, message):
    if control >= 0:
        data = (json.dumps(message) + "\n").encode()
        while data:
            data = data[os.write(control, data):]


def watch_server(control, socket_path):
    """Ends the process when the server is gone, which cannot remove the socket any more."""
    try:
        while os.read(control, 1024):
            pass
    except OSError:
        pass
    try:
        os.unlink(socket_path)
        # The folder is the server's; the last worker finds it empty.
        os.rmdir(os.path.dirname(socket_path))
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    # Nobody is left to kill it, should the application not let it end.
    time.sleep(LONGEST_END)
    os._exit(1)


def accept_forever(listener, application, base_environ, flusher):
    while True:
        if Process.is_fork:
            Process.leave_fork()
        if Process.is_stopping:
            # The application has swallowed the exception; whatever runs as a destructor does.
            raise SystemExit(0)
        sock, _ = listener.accept()
        Connection(sock, application, base_environ, flusher).serve()


def stop(_signal, _frame):
    # The server may be gone as well, and say so a second time while the interpreter is ending.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Process.is_stopping = True
    raise SystemExit(0)


def source_files():
    """The files of the modules that are loaded, but for the interpreter's own and installed ones."""
    own = os.path.realpath(os.getcwd()) + os.sep
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return sorted(name for name in files if name and os.path.realpath(name).startswith(own) and "site-packages" not in name)


def main():
    parser = argparse.ArgumentParser(description="Runs a WSGI application as a FastCGI responder on a Unix socket")
    parser.add_argument("--socket", required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--multiprocess", action="store_true")
    parser.add_argument("--control", type=int, default=-1)
    parser.add_argument("application")
    options = parser.parse_args()
    Process.threads = options.threads
    if options.control >= 0:
        os.set_inheritable(options.control, False)
    # Modules are looked for in the working directory, not beside this file.
    sys.path[0] = os.getcwd()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.register_at_fork(after_in_child=Process.forked)
    if options.control >= 0:
        threading.Thread(
            target=watch_server, args=(options.control, options.socket), name="control", daemon=True
        ).start()
    try:
        application = load_application(options.application)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(options.socket)
        listener.listen(128)
    except Exception:
        text = traceback.format_exc()
        if options.control < 0:
            sys.stderr.write(text)
        tell(options.control, {"error": text})
        sys.stderr.flush()
        raise SystemExit(1)
    base_environ = {
        "wsgi.version": (1, 0),
        "wsgi.multithread": options.threads > 1,
        "wsgi.multiprocess": options.multiprocess,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        "wsgi.input_terminated": True,
        "SCRIPT_NAME": "",
    }
    arguments = (listener, application, base_environ, Flusher())
    for number in range(1, options.threads):
        threading.Thread(target=accept_forever, args=arguments, name="worker-%d" % number, daemon=True).start()
    tell(options.control, {"ready": os.getpid(), "files": source_files()})
    accept_forever(*arguments)


if __name__ == "__main__":
    main()

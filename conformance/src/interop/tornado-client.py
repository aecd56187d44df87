"""Asks a server with Tornado's own client; prints what came of it as JSON, a line a case."""
import hashlib
import json
import sys

from tornado.httpclient import HTTPError
from tornado.ioloop import IOLoop
from tornado.simple_httpclient import SimpleAsyncHTTPClient


async def main(base):
    client = SimpleAsyncHTTPClient(force_instance=True)

    async def case(name, path, **options):
        try:
            response = await client.fetch(base + path, raise_error=False, **options)
            report = {
                "code": response.code,
                "reason": response.reason,
                "body": (response.body or b"").decode("latin1"),
                "headers": sorted((k.lower(), v) for k, v in response.headers.get_all()),
            }
            if response.code == 599:
                report["error"] = repr(response.error)
        except Exception as error:
            report = {"error": repr(error)}
        print(json.dumps([name, report]), flush=True)

    async def produce(write):
        for _ in range(100):
            await write(b"produced " * 1000)

    pieces = []
    await case("get", "/hello")
    await case("head", "/hello", method="HEAD")
    await case("post", "/seen", method="POST", body="a=1&b=2")
    await case("put", "/upload", method="PUT", body=b"x" * 1000000)
    await case("producer", "/upload", method="POST", body_producer=produce)
    await case("continue", "/upload", method="POST", body="hello", expect_100_continue=True)
    await case("refused", "/refuse", method="POST", body="hello", expect_100_continue=True)
    await case("chunked", "/stream/100")
    await case("streaming", "/stream/100", streaming_callback=pieces.append)
    print(json.dumps(["pieces", {"body": b"".join(pieces).decode("latin1")}]), flush=True)
    await case("gzip", "/gzip")
    await case("plain", "/gzip", decompress_response=False)
    await case("until close", "/until-close")
    await case("not modified", "/not-modified")
    await case("redirect", "/redirect")
    await case("not followed", "/redirect", follow_redirects=False)
    await case("missing", "/missing")
    client.close()


IOLoop.current().run_sync(lambda: main(sys.argv[1]))

"""The Flask application that the servers of WSGI are compared with."""
import json
import os

from flask import Flask

app = Flask(__name__)
ANSWER = json.loads(os.environ["BENCHMARK_SPEC"])["answer"]


@app.get("/")
def hello():
    return ANSWER

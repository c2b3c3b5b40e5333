"""reddit_info - a stand-in for Reddit's /api/info on loopback

    reddit_info.py [--others-alive] --port-file FILE

./info, read anew for each request, is a JSON object: by fullname what Reddit
says of it. A name that is not in it has no answer, or with --others-alive is as
it was.
"""
import argparse
import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

parser = argparse.ArgumentParser()
parser.add_argument("--others-alive", action="store_true")
parser.add_argument("--port-file", required=True)
options = parser.parse_args()


def alive(name):
    field = "selftext" if name.startswith("t3_") else "body"
    return {"name": name, "author": "a", "title": "T", field: "as it was"}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"access_token": "t0ken", "expires_in": 3600})

    def do_GET(self):
        with open("info") as file:
            info = json.load(file)
        names = parse_qs(urlsplit(self.path).query)["id"][0].split(",")
        if options.others_alive:
            info = {name: info.get(name, alive(name)) for name in names}
        self.answer({"kind": "Listing", "data": {"after": None, "children": [
            {"kind": name[:2], "data": info[name]} for name in names]}})

    def answer(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


server = HTTPServer(("127.0.0.1", 0), Handler)
with open("port.tmp", "w") as port:
    port.write(str(server.server_port))
os.rename("port.tmp", options.port_file)
server.serve_forever()

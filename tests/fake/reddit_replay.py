#!/usr/bin/env python3
"""reddit_replay.py - a stand-in for Reddit, a collector and Google's Secret
Manager, on loopback.

  reddit_replay.py --port-file PORT --log-dir DIR [--exchanges FILE.jsonl]...
                   [--world FILE.json]...

Serves recorded exchanges (the first answer to a thread as it was recorded, its
further comments by id) and hand-made worlds ({"threads": [{"post", "comments"
flat}], "collector": {...}}), as the real server does: answers of at most 20
comments, a "more" for what is left at the top level, silence about what is left
below it, "continue this thread" below the deepest level, one morechildren
request at a time. Each request is checked; what is wrong is logged as a
violation and answered with 400, which no client passes over.

The first segment of a URL's path is a run of its own, "~NAME", with its own
state and the log DIR/NAME.log; faults are appended to it, as
"~NAME;WHERE@KIND;WHERE@KIND*TIMES": at the first (or first TIMES, or with "*all"
all) requests whose path, with dots for slashes, holds WHERE. Kinds:

  status-N     that status and an empty answer
  wait-N       429 with Retry-After: N
  limit-N      429 with x-ratelimit-reset: N
  spent-N      the answer, saying that the rate limit is used up for N seconds
  delay-N      the answer after N seconds
  reset        the connection is reset
  half         the answer breaks off in the middle
  cut          the answer is whole, but its JSON is cut off
  html         status 200 and HTML
  redirect     302 to a place that logs a violation
  expire       401, and the token is no longer good
  refuse       a token request is refused with status 200
  body-X       status 200 and X
  flip         a secret whose checksum is wrong

Of Secret Manager's projects, "app" has Reddit's client, "login" a user's
password besides, and "all" a refresh token as well.
"""
import argparse
import base64
import json
import os
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

CLIENT = "client-f4ke", "client-s3cret"
REFRESH = "refresh-s3cret"
USER = "tester", "password-s3cret"
PAGE = 20       # comments in one answer of morechildren
FIRST_PAGE = 8  # comments with a thread that is made here
MAX_DEPTH = 3   # levels of it
SECRETS = {"REDDIT_CLIENT_ID": ("app", CLIENT[0] + "\n"),
           "REDDIT_CLIENT_SECRET": ("app", CLIENT[1]),
           "REDDIT_USER_AGENT": ("app", "linux:org.example.test:v1.0"),
           "REDDIT_USERNAME": ("login", USER[0]),
           "REDDIT_PASSWORD": ("login", USER[1] + "\n"),
           "REDDIT_REFRESH_TOKEN": ("all", REFRESH)}
STREAMS = ("hot", "new", "top", "rising", "controversial")
COLLECTOR = {"limit", "dryRun", "sources", "streams", "minScore", "minLen",
             "strictMagicFlair", "key"}


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


class Violation(Exception):
    pass


class Thread:
    def __init__(self, post):
        self.post = post
        self.first = None   # the recorded answer
        self.comments = {}  # id: data, in the order they came

    def add(self, data):
        data = dict(data, replies="")
        self.comments.setdefault(data["id"], data)

    def replies(self, fullname):
        return [c for c in self.comments.values()
                if c["parent_id"] == fullname]

    def depth(self, comment):
        depth = 0
        while comment["parent_id"][3:] in self.comments and depth < 1000:
            comment = self.comments[comment["parent_id"][3:]]
            depth += 1
        return depth

    def more(self, parent, children):
        count = 0
        todo = list(children)
        while todo:
            count += 1
            todo += self.replies(todo.pop()["name"])
        ids = [c["id"] for c in children]
        return {"kind": "more", "data": {
            "count": count, "name": "t1_" + ids[0], "id": ids[0],
            "parent_id": parent, "children": ids}}

    def tree(self, roots, parent, visible, depth):
        shown = [c for c in roots if c["id"] in visible]
        hidden = [c for c in roots if c["id"] not in visible]
        things = []
        for comment in shown:
            below = self.replies(comment["name"])
            data = dict(comment, depth=depth)
            if below and depth + 1 == MAX_DEPTH:
                data["replies"] = listing([{"kind": "more", "data": {
                    "count": 0, "name": "t1__", "id": "_", "children": [],
                    "parent_id": comment["name"], "depth": depth + 1}}])
            elif below:
                data["replies"] = listing(self.tree(
                    below, comment["name"], visible, depth + 1))
            things.append({"kind": "t1", "data": data})
        if hidden:
            things.append(self.more(parent, hidden))
        return things

    def page(self, root=None):
        """The answer to /comments/ID, or to /comments/ID/_/ROOT."""
        if root is None and self.first:
            return self.first
        parent = self.post["name"]
        roots = [self.comments[root]] if root else self.replies(parent)
        visible, queue = set(), [(c, 0) for c in roots]
        while queue and len(visible) < FIRST_PAGE:
            comment, depth = queue.pop(0)
            visible.add(comment["id"])
            if depth + 1 < MAX_DEPTH:
                queue[:0] = [(c, depth + 1)
                             for c in self.replies(comment["name"])]
        return json.dumps([listing([{"kind": "t3", "data": self.post}]),
                           listing(self.tree(roots, parent, visible, 0))])

    def more_children(self, ids):
        asked = [self.comments[i] for i in ids if i in self.comments]
        if not asked:
            return [], []
        top = min(self.depth(c) for c in asked)
        queue = [c for c in asked if self.depth(c) == top]
        things, shown = [], set()
        while queue and len(shown) < PAGE:
            comment = queue.pop(0)
            shown.add(comment["id"])
            things.append({"kind": "t1", "data": comment})
            queue += self.replies(comment["name"])
        for comment in [t["data"] for t in things]:
            hidden = [c for c in self.replies(comment["name"])
                      if c["id"] not in shown]
            if hidden:
                things.append(self.more(comment["name"], hidden))
        left = [c for c in asked if c["id"] not in shown]
        if left and top == 0:
            things.append(self.more(self.post["name"], left))
        return things, shown


def listing(children, after=None):
    return {"kind": "Listing", "data": {
        "after": after, "before": None, "dist": len(children), "modhash": "",
        "geo_filter": "", "children": children}}


def walk(things, found):
    for thing in things:
        if thing["kind"] == "t1":
            found.append(thing["data"])
            if thing["data"].get("replies"):
                walk(thing["data"]["replies"]["data"]["children"], found)


class World:
    def __init__(self):
        self.threads = {}
        self.collector = None

    def read_exchanges(self, path):
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                self.read_exchange(json.loads(line))

    def read_exchange(self, exchange):
        path = urlsplit(exchange["request"]["uri"]).path.strip("/")
        answer = exchange["response"]
        if answer["status"] != 200:
            return
        body = json.loads(answer["body"])
        found = []
        if path == "api/morechildren":
            walk(body["json"]["data"]["things"], found)
        elif path.startswith("comments/"):
            post = body[0]["data"]["children"][0]["data"]
            thread = self.threads.setdefault(post["id"], Thread(post))
            if "_" not in path.split("/") and thread.first is None:
                thread.first = answer["body"]
            walk(body[1]["data"]["children"], found)
        for data in found:
            self.threads[data["link_id"][3:]].add(data)

    def read_world(self, path):
        with open(path, encoding="utf-8") as text:
            world = json.load(text)
        self.collector = world.get("collector", self.collector)
        for entry in world["threads"]:
            thread = Thread(entry["post"])
            self.threads[thread.post["id"]] = thread
            for comment in entry["comments"]:
                thread.add(comment)


class Fault:
    def __init__(self, spec):
        spec, _, times = spec.partition("*")
        self.where, _, kind = spec.partition("@")
        self.kind, _, self.value = kind.partition("-")
        self.left = 1e9 if times == "all" else int(times or 1)


class Run:
    """The state of one client's run: its token, its limits, its faults."""

    def __init__(self, spec, log_dir):
        self.name, *faults = spec[1:].split(";")
        self.faults = [Fault(f) for f in faults]
        self.log = open(os.path.join(log_dir, self.name + ".log"), "a",
                        encoding="utf-8", buffering=1)
        self.lock = threading.Lock()
        self.more_lock = threading.Lock()
        self.tokens = 0
        self.is_expired = True
        self.not_before = 0.0
        self.used = 0
        self.requests = set()   # sent and answered
        self.delivered = set()  # comments

    def token(self):
        return "token-s3cret-%d" % self.tokens

    def fault_at(self, path):
        with self.lock:
            for fault in self.faults:
                if fault.left > 0 and fault.where in path.replace("/", "."):
                    fault.left -= 1
                    return fault
        return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def do_GET(self):
        self.handle_request()

    def do_POST(self):
        self.handle_request()

    def handle_request(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        url = urlsplit(self.path)
        segments = url.path.split("/", 2)
        self.run = self.server.run(segments[1])
        path = "/" + (segments[2] if len(segments) > 2 else "")
        query = {k: v[-1] for k, v in parse_qs(
            url.query, keep_blank_values=True).items()}
        form = {k: v[-1] for k, v in parse_qs(
            body, keep_blank_values=True).items()}
        self.entry = {"method": self.command, "path": path, "query": query,
                      "children": form.get("children")}
        fault = self.run.fault_at(path)
        self.is_spoilt = fault is not None and fault.kind in ("half", "cut")
        self.is_flipped = fault is not None and fault.kind == "flip"
        self.spent = None
        try:
            if self.answer_fault(fault):
                return
            status, headers, text = self.route(path, query, form)
        except Violation as violation:
            self.entry["violation"] = str(violation)
            status, headers, text = 400, {}, json.dumps(
                {"message": "Bad Request", "error": 400})
        self.send(status, headers, text, fault)

    def answer_fault(self, fault):
        kind = fault.kind if fault else ""
        if kind == "status":
            self.send(int(fault.value), {}, "")
        elif kind == "wait":
            self.run.not_before = time.monotonic() + float(fault.value)
            self.send(429, {"Retry-After": fault.value},
                      "<html><body>Too Many Requests</body></html>")
        elif kind == "limit":
            self.run.not_before = time.monotonic() + float(fault.value)
            self.send(429, self.rate(0, fault.value), "")
        elif kind == "html":
            self.send(200, {}, "<!doctype html><title>Log in</title>")
        elif kind == "redirect":
            self.send(302, {"Location": "/~%s/elsewhere" % self.run.name}, "")
        elif kind == "expire":
            self.run.is_expired = True
            self.send(401, {"WWW-Authenticate": 'Bearer realm="reddit", '
                            'error="invalid_token"'},
                      '{"message": "Unauthorized", "error": 401}')
        elif kind == "refuse":
            self.send(200, {}, '{"error": "invalid_grant"}')
        elif kind == "body":
            self.send(200, {}, fault.value)
        elif kind == "reset":
            self.entry["status"] = "reset"
            self.write_log()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        else:
            if kind == "spent":
                self.spent = fault.value
            if kind == "delay":
                time.sleep(float(fault.value))
            return False
        return True

    def send(self, status, headers, text, fault=None):
        data = text.encode()
        kind = fault.kind if fault else ""
        if kind == "cut":
            data = data[:len(data) // 2]
        self.entry["status"] = status
        self.entry["fault"] = kind
        self.write_log()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if kind == "half":
            data = data[:len(data) // 2]
            self.close_connection = True
        self.wfile.write(data)

    def write_log(self):
        self.entry["at"] = round(time.monotonic(), 3)
        self.run.log.write(json.dumps(self.entry) + "\n")

    def check(self, is_so, what):
        if not is_so:
            raise Violation(what)

    def rate(self, remaining, reset):
        return {"x-ratelimit-remaining": "%.1f" % remaining,
                "x-ratelimit-used": str(self.run.used),
                "x-ratelimit-reset": str(reset)}

    def route(self, path, query, form):
        if path == "/collect":
            return self.collect(query)
        if path == "/google-token":
            return self.google_token(form)
        if path.startswith("/computeMetadata/v1/instance/service-accounts/"
                           "default/identity"):
            self.check(self.headers.get("Metadata-Flavor") == "Google",
                       "no Metadata-Flavor")
            self.check(query.get("audience"), "no audience")
            return 200, {"Metadata-Flavor": "Google"}, "id-s3cret"
        if path.startswith("/v1/projects/"):
            return self.secret(path)
        agent = self.headers.get("User-Agent", "")
        self.check(len(agent.split(":")) >= 3 and "curl" not in agent,
                   "User-Agent")
        if path == "/api/v1/access_token":
            return self.access_token(form)
        if (self.headers.get("Authorization") != "bearer " + self.run.token()
                or self.run.is_expired):
            return 401, {"WWW-Authenticate": 'Bearer realm="reddit", '
                         'error="invalid_token"'}, '{"error": 401}'
        self.check(time.monotonic() >= self.run.not_before,
                   "sent before the rate limit allows it")
        self.check(query.get("raw_json") == "1", "no raw_json=1")
        request = json.dumps([path, query, form], sort_keys=True)
        self.check(request not in self.run.requests, "asked twice")
        status, text = self.api(path, query, form)
        if not self.is_spoilt:
            self.run.requests.add(request)
        self.run.used += 1
        headers = self.rate(1000 - self.run.used, 300)
        if self.spent:
            headers = self.rate(0, self.spent)
            self.run.not_before = time.monotonic() + float(self.spent)
        return status, headers, text

    def secret(self, path):
        self.check(self.command == "GET" and
                   self.headers.get("Authorization") == "Bearer owner",
                   "not a request to an emulator")
        project, secrets, name, rest = path.split("/", 6)[3:]
        self.check(secrets == "secrets" and rest == "versions/latest:access",
                   "not the latest version of a secret")
        self.check(path not in self.run.requests, "asked twice")
        self.run.requests.add(path)
        projects = ("app", "login", "all")
        since, value = SECRETS.get(name, ("all", ""))
        if projects.index(project) < projects.index(since):
            return 404, {}, '{"error": {"code": 404, "status": "NOT_FOUND"}}'
        data = value.encode()
        return 200, {}, json.dumps({
            "name": "projects/123456/secrets/%s/versions/7" % name,
            "payload": {"data": base64.b64encode(data).decode(),
                        "dataCrc32c": str(crc32c(data) ^ self.is_flipped)}})

    def access_token(self, form):
        self.check(self.command == "POST", "method")
        basic = base64.b64encode(":".join(CLIENT).encode()).decode()
        if self.headers.get("Authorization") != "Basic " + basic:
            return 401, {"WWW-Authenticate": 'Basic realm="reddit"'}, (
                '{"message": "Unauthorized", "error": 401}')
        grant = form.pop("grant_type", "")
        self.entry["grant"] = grant
        good = {"refresh_token": {"refresh_token": REFRESH},
                "password": {"username": USER[0], "password": USER[1]},
                "client_credentials": {}}
        if grant not in good:
            return 200, {}, '{"error": "unsupported_grant_type"}'
        if form != good[grant]:
            if grant == "refresh_token":
                return 400, {}, '{"error": 400}'
            return 200, {}, '{"error": "invalid_grant"}'
        self.run.tokens += 1
        self.run.is_expired = False
        return 200, {}, json.dumps(
            {"access_token": self.run.token(), "token_type": "bearer",
             "expires_in": 86400, "scope": "*"})

    def api(self, path, query, form):
        parts = path.strip("/").split("/")
        threads = self.server.world.threads
        if parts[0] == "r" and len(parts) == 3 and parts[2] in STREAMS:
            return self.list_posts(parts[1], parts[2], query)
        if parts[0] == "comments" and parts[1] in threads:
            thread = threads[parts[1]]
            self.check(query.get("sort") == "confidence", "sort")
            if len(parts) == 2:
                return 200, thread.page()
            self.check(parts[2] == "_" and len(parts) == 4, "path")
            if parts[3] in thread.comments:
                return 200, thread.page(parts[3])
            return 200, json.dumps([listing([{"kind": "t3",
                                              "data": thread.post}]),
                                    listing([])])
        if parts == ["api", "morechildren"]:
            self.check(self.command == "POST", "method")
            self.check(form.get("api_type") == "json", "api_type")
            self.check(self.run.more_lock.acquire(blocking=False),
                       "two morechildren at a time")
            try:
                return self.more_children(form)
            finally:
                self.run.more_lock.release()
        return 404, '{"message": "Not Found", "error": 404}'

    def list_posts(self, subreddit, stream, query):
        limit = int(query.get("limit", 25))
        self.check(1 <= limit <= 100, "limit")
        self.check(("t" in query) == (stream in ("top", "controversial")), "t")
        self.check(("count" in query) == ("after" in query), "count")
        posts = [t.post for t in self.server.world.threads.values()
                 if t.post["subreddit"].lower() == subreddit.lower()]
        if not posts:
            return 404, ('{"reason": "banned", "message": "Not Found", '
                         '"error": 404}')
        key = "created_utc" if stream == "new" else "score"
        posts.sort(key=lambda p: -p[key])
        names = [p["name"] for p in posts]
        start = 0
        if "after" in query:
            self.check(query["after"] in names, "after")
            start = names.index(query["after"]) + 1
            self.check(int(query["count"]) == start, "count")
        page = posts[start:start + limit]
        after = page[-1]["name"] if start + limit < len(posts) else None
        return 200, json.dumps(listing(
            [{"kind": "t3", "data": p} for p in page], after))

    def more_children(self, form):
        children = form.get("children", "").split(",")
        self.check(1 <= len(children) <= 100, "children")
        self.check(form.get("link_id", "")[:3] == "t3_", "link_id")
        self.check(not self.run.delivered & set(children),
                   "a comment asked for again")
        things, shown = self.server.world.threads[
            form["link_id"][3:]].more_children(children)
        if not self.is_spoilt:
            self.run.delivered |= set(shown)
        return 200, json.dumps(
            {"json": {"errors": [], "data": {"things": things}}})

    def collect(self, query):
        self.check(self.command == "GET", "method")
        self.check(set(query) <= COLLECTOR, "a parameter no collector knows")
        if "idtoken" in self.run.name and self.headers.get(
                "Authorization") != "Bearer id-s3cret":
            return 401, {}, ""
        answer = dict(self.server.world.collector)
        answer["interactions"] = answer["interactions"][:int(query["limit"])]
        answer["count"] = len(answer["interactions"])
        return 200, {}, json.dumps(answer)

    def google_token(self, form):
        self.check(form.get("grant_type") ==
                   "urn:ietf:params:oauth:grant-type:jwt-bearer", "grant_type")
        header, claims, signature = form["assertion"].split(".")
        claims = json.loads(base64.urlsafe_b64decode(claims + "==="))
        self.check(signature and claims["target_audience"] and
                   claims["exp"] - claims["iat"] == 3600, "claims")
        self.entry["audience"] = claims["target_audience"]
        return 200, {}, '{"id_token": "id-s3cret"}'


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, world, log_dir):
        super().__init__(("127.0.0.1", 0), Handler)
        self.world = world
        self.log_dir = log_dir
        self.runs = {}
        self.runs_lock = threading.Lock()

    def run(self, spec):
        with self.runs_lock:
            if spec not in self.runs:
                self.runs[spec] = Run(spec, self.log_dir)
            return self.runs[spec]

    def handle_error(self, request, client_address):
        pass  # a client that hangs up in the middle of an answer is its right


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--log-dir", required=True)
    parser.add_argument("--exchanges", action="append", default=[])
    parser.add_argument("--world", action="append", default=[])
    options = parser.parse_args()
    world = World()
    for path in options.exchanges:
        world.read_exchanges(path)
    for path in options.world:
        world.read_world(path)
    server = Server(world, options.log_dir)
    with open(options.port_file + ".tmp", "w", encoding="ascii") as port:
        port.write(str(server.server_port))
    os.rename(options.port_file + ".tmp", options.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()

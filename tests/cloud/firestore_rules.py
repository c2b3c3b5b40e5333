"""Tries the rules for clients in Google's emulator.

    firestore_rules.py HOST:PORT FILE
"""
import base64
import json
import sys
import time
import urllib.error
import urllib.request
import uuid

ADDRESS, FILE = sys.argv[1:]
PROJECT = "demo-" + uuid.uuid4().hex[:12]
ROOT = "v1/projects/%s/databases/(default)/documents" % PROJECT


def ask(method, path, body=None, bearer=None):
    """The HTTP status of the answer."""
    headers = {"Content-Type": "application/json"}
    if bearer:
        headers["Authorization"] = "Bearer " + bearer
    request = urllib.request.Request(
        "http://%s/%s" % (ADDRESS, path),
        None if body is None else json.dumps(body).encode(), headers,
        method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def user(**claims):
    """A token of a user's, unsigned, as the emulator takes it."""
    now = int(time.time())
    parts = [{"alg": "none", "typ": "JWT"},
             {"sub": "u", "user_id": "u", "aud": PROJECT, "iat": now,
              "auth_time": now, "exp": now + 3600,
              "iss": "https://securetoken.google.com/" + PROJECT, **claims}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode())
                    .rstrip(b"=").decode() for part in parts) + "."


with open(FILE, encoding="utf-8") as rules:
    status = ask("PUT", "emulator/v1/projects/%s:securityRules" % PROJECT,
                 {"rules": {"files": [{"name": "firestore.rules",
                                       "content": rules.read()}]}})
assert status == 200, "the rules do not parse"

WHO = {"nobody": None, "a user": user(), "a reader": user(pipelineReader=True),
       "no reader": user(pipelineReader="true"), "a program": "owner"}
wrong = 0
for collection in ("training_artifacts", "reddit_interactions", "other"):
    document = "%s/%s/d" % (ROOT, collection)
    assert ask("PATCH", document, {"fields": {}}, "owner") == 200
    for who, bearer in WHO.items():
        may_write = who == "a program"
        may_read = may_write or (who == "a reader" and
                                 collection == "training_artifacts")
        # A query of the collection, and of all collections with its name, which
        # no rule allows to anybody.
        for scope, may in ((False, may_read), (True, may_write)):
            got = ask("POST", ROOT + ":runQuery", {"structuredQuery": {
                "from": [{"collectionId": collection,
                          "allDescendants": scope}], "limit": 1}}, bearer)
            if (got == 200) != may or got not in (200, 403):
                wrong += 1
                print("query of %s%s by %s: status %d" % (
                    collection, " everywhere" if scope else "", who, got),
                      file=sys.stderr)
        for method, body, may in (("GET", None, may_read),
                                  ("PATCH", {"fields": {}}, may_write),
                                  ("DELETE", None, may_write)):
            got = ask(method, document, body, bearer)
            if (got == 200) != may or got not in (200, 403):
                wrong += 1
                print("%s of %s by %s: status %d" %
                      (method, collection, who, got), file=sys.stderr)
sys.exit(wrong > 0)

"""Sends the same requests to two Firestores and compares what they answer.

    firestore_contract.py HOST:PORT HOST:PORT

The first is Google's emulator. Compared are the HTTP status and the answer's
JSON without the words of messages; times that the server chose are "T".
"""
import json
import re
import sys
import urllib.error
import urllib.request
import uuid

ROOT = "projects/demo-%s/databases/(default)/documents" % uuid.uuid4().hex[:12]
OUR_TIME = "2026-01-0"  # those that we sent begin so


def doc(path, **fields):
    return {"name": ROOT + "/" + path, "fields": fields}


def new(path, **fields):
    return {"update": doc(path, **fields), "currentDocument": {"exists": False}}


def write(*writes):
    return ("POST", ":batchWrite", {"writes": list(writes)})


def value(v):
    return write({"update": doc("c/v", x=v)})


def query(**parts):
    return ("POST", ":runQuery", {"structuredQuery": {
        "from": [{"collectionId": "q"}], **parts}})


def count(**parts):
    return ("POST", ":runAggregationQuery", {"structuredAggregationQuery": {
        "structuredQuery": {"from": [{"collectionId": "q"}], **parts},
        "aggregations": [{"alias": "count", "count": {}}]}})


def by(*fields):
    return [{"field": {"fieldPath": name}, "direction": direction}
            for name, direction in fields]


def where(field, op, v):
    return {"fieldFilter": {"field": {"fieldPath": field}, "op": op,
                            "value": v}}


def nested(depth):
    v = {"integerValue": "1"}
    for _ in range(depth):
        v = {"mapValue": {"fields": {"m": v}}}
    return v


def time(day):
    return {"timestampValue": OUR_TIME + "%dT00:00:00Z" % day}


NEWEST = by(("timestamp", "DESCENDING"), ("__name__", "ASCENDING"))
EVERY_KIND = {
    "null": {"nullValue": None}, "null2": {"nullValue": "NULL_VALUE"},
    "bool": {"booleanValue": False}, "int": {"integerValue": "-42"},
    "int2": {"integerValue": 7}, "double": {"doubleValue": 0.1},
    "nan": {"doubleValue": "NaN"}, "inf": {"doubleValue": "-Infinity"},
    "time": {"timestampValue": "2026-01-02T03:04:05.123456789+01:00"},
    "text": {"stringValue": "é\u0000\U0001F600"}, "é.`": {"stringValue": ""},
    "bytes": {"bytesValue": "aGk="}, "list": {"arrayValue": {}},
    "ref": {"referenceValue": ROOT + "/c/x"},
    "map": {"mapValue": {"fields": {}}},
    "deep": {"arrayValue": {"values": [{"mapValue": {"fields": {
        "a": {"arrayValue": {"values": [{"integerValue": "1"}]}}}}}]}},
}

REQUESTS = [
    write(new("c/a", **EVERY_KIND), new("c/b")),
    write(new("c/a"), new("c/d"), new("c/b")),
    write(),
    write(new("c/e"), new("c/e")),
    write({"update": doc("c/none"), "currentDocument": {"exists": True}},
          {"update": doc("c/a"),
           "currentDocument": {"updateTime": "2020-01-01T00:00:00Z"}},
          {"update": doc("c/none"),
           "currentDocument": {"updateTime": "2020-01-01T00:00:00Z"}}),
    write({"update": {"name": ROOT + "/c"}}),
    write({"update": {"name": ROOT + "/c/__x__"}}),
    write({"update": {"name": ROOT + "/c/" + "x" * 1501}}),
    write({"update": {"name": "elsewhere/c/a"}}),
    write({"updates": doc("c/a")}),
    write({"update": {**doc("c/a"), "more": 1}}),
    ("POST", ":batchWrite", {"writes": [], "more": 1}),
    ("POST", ":batchWrite", "{\"writes\":"),
    write({"update": doc("c/v", __x__={"nullValue": None})}),
    write({"update": doc("c/v", **{"": {"nullValue": None}})}),
    write({"update": doc("c/v", **{"x" * 1501: {"nullValue": None}})}),
    value({}), value({"integerValue": "x"}), value({"integerValue": "1.5"}),
    value({"integerValue": "1", "booleanValue": True}),
    value({"booleanValue": "yes"}), value({"timestampValue": "2026"}),
    value({"noValue": 1}),
    value({"arrayValue": {"values": [{"arrayValue": {}}]}}),
    value(nested(20)), value(nested(21)),
    value({"stringValue": "x" * 1048487}),
    value({"stringValue": "x" * 1048488}),
    # Together just the most that a document may have, and a byte more.
    write({"update": doc("c/v", a={"stringValue": "x" * 524239},
                         b={"stringValue": "x" * 524279})}),
    write({"update": doc("c/v", a={"stringValue": "x" * 524239},
                         b={"stringValue": "x" * 524280})}),
    ("GET", "/c/a", None), ("GET", "/c/none", None), ("GET", "/c/d", None),
    ("POST", "/c?documentId=new", {"fields": {"a": {"integerValue": "1"}}}),
    ("POST", "/c?documentId=new", {"fields": {}}),
    ("POST", ":batchGet", {"documents": [ROOT + "/c/a", ROOT + "/c/none",
                                         ROOT + "/c/a"],
                           "mask": {"fieldPaths": ["int", "text"]}}),
    ("POST", ":batchGet", {"documents": [ROOT + "/c/a", ROOT + "/c/b"],
                           "mask": {"fieldPaths": ["__name__"]}}),
    ("POST", ":batchGet", {"documents": [ROOT + "/c"]}),
    write(*[new("q/%d" % i, timestamp=time(1 + i // 3),
                confidence={"doubleValue": i / 10},
                subreddit={"stringValue": "s%d" % (i % 3)})
            for i in range(9)],
          new("q/x", confidence={"integerValue": "1"}),
          new("q/y", timestamp={"stringValue": "2026-01-02"})),
    query(orderBy=NEWEST), query(orderBy=NEWEST, limit=3), query(),
    query(orderBy=NEWEST, limit=0), query(limit=-1),
    query(orderBy=NEWEST, where=where("timestamp", "LESS_THAN", time(3))),
    query(orderBy=NEWEST,
          where=where("timestamp", "GREATER_THAN_OR_EQUAL", time(2))),
    query(orderBy=NEWEST, where={"compositeFilter": {"op": "AND", "filters": [
        where("subreddit", "IN", {"arrayValue": {"values": [
            {"stringValue": "s0"}, {"stringValue": "s2"}]}}),
        where("timestamp", "LESS_THAN_OR_EQUAL", time(2))]}}),
    query(orderBy=NEWEST,
          where=where("subreddit", "EQUAL", {"stringValue": "none"})),
    query(orderBy=NEWEST, where=where("subreddit", "IN", {"arrayValue": {}})),
    query(orderBy=NEWEST, where=where("subreddit", "IS", {"nullValue": None})),
    query(orderBy=NEWEST,
          where=where("confidence", "GREATER_THAN", {"doubleValue": 0.3})),
    query(where=where("confidence", "GREATER_THAN", {"doubleValue": 0.3})),
    query(orderBy=by(("timestamp", "DESCENDING"), ("confidence", "DESCENDING"),
                     ("__name__", "DESCENDING")), limit=3,
          where=where("confidence", "GREATER_THAN_OR_EQUAL",
                      {"doubleValue": 0.3}),
          startAt={"before": False, "values": [
              time(2), {"doubleValue": 0.5},
              {"referenceValue": ROOT + "/q/5"}]}),
    query(orderBy=by(("timestamp", "DESCENDING"), ("__name__", "DESCENDING"))),
    query(where={"compositeFilter": {"op": "AND", "filters": [
        where("timestamp", "EQUAL", time(2)),
        where("subreddit", "IN", {"arrayValue": {"values": [
            {"stringValue": "s0"}, {"stringValue": "s2"}]}}),
        where("__name__", "LESS_THAN_OR_EQUAL",
              {"referenceValue": ROOT + "/q/4"})]}}),
    query(where=where("__name__", "LESS_THAN", {"stringValue": "4"})),
    count(orderBy=by(("confidence", "DESCENDING"), ("__name__", "DESCENDING"))),
    count(where={"compositeFilter": {"op": "AND", "filters": [
        where("timestamp", "GREATER_THAN", time(1)),
        where("subreddit", "EQUAL", {"stringValue": "s1"})]}},
          orderBy=NEWEST),
    query(orderBy=NEWEST, limit=4, startAt={"before": False, "values": [
        time(2), {"referenceValue": ROOT + "/q/4"}]}),
    query(orderBy=NEWEST, limit=4, startAt={"before": True, "values": [
        time(2), {"referenceValue": ROOT + "/q/4"}]}),
    query(orderBy=NEWEST, startAt={"values": [
        time(2), {"stringValue": "4"}]}),
    query(orderBy=NEWEST, sorting=1),
    ("POST", ":runQuery", {"structuredQuery": {
        "from": [{"collectionId": "q"}]}, "readTime": "2036-01-01T00:00:00Z"}),
    ("POST", ":runQuery", {"structuredQuery": {
        "from": [{"collectionId": "q"}]}, "readTime": "2016-01-01T00:00:00Z"}),
]


def normal(v):
    """An answer without what may differ."""
    if isinstance(v, dict):
        return {key: normal(inner) for key, inner in v.items()
                if key not in ("message", "details")}
    if isinstance(v, list):
        return [normal(inner) for inner in v]
    if isinstance(v, str) and re.match(r"20\d\d-\d\d-\d\dT", v):
        return v if v.startswith(OUR_TIME) else "T"
    return v


def ask(address, method, path, body):
    text = body if isinstance(body, str) else json.dumps(body)
    request = urllib.request.Request(
        "http://%s/v1/%s%s" % (address, ROOT, path),
        None if body is None else text.encode(),
        {"Authorization": "Bearer owner", "Content-Type": "application/json"},
        method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    answer = normal(json.loads(text))
    if path == ":batchGet" and isinstance(answer, list):
        answer.sort(key=lambda item: json.dumps(item, sort_keys=True))
    return status, json.dumps(answer, sort_keys=True)


def main():
    wrong = 0
    for request in REQUESTS:
        theirs, ours = (ask(address, *request) for address in sys.argv[1:3])
        if theirs == ours:
            continue
        wrong += 1
        print("%s\n  emulator: %s %.1000s\n  loopback: %s %.1000s" %
              (repr(request)[:300], *theirs, *ours), file=sys.stderr)
    print("%d of %d requests are answered alike" %
          (len(REQUESTS) - wrong, len(REQUESTS)))
    return wrong > 0


sys.exit(main())

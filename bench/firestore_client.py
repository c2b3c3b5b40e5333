#!/usr/bin/env python3
"""Interactions to and from Firestore with Google's client for Python.

    FIRESTORE_EMULATOR_HOST=... firestore_client.py put PROJECT <in >new
    FIRESTORE_EMULATOR_HOST=... firestore_client.py query PROJECT >out

What a user would write: batches of 500 creates, which fail as a whole where a
document exists; and a stream of what has enough confidence, newest first.
"""
import datetime
import json
import sys

from google.cloud import firestore

COLLECTION = "reddit_interactions"
TIMES = ("timestamp", "collected_at")


def put(client):
    collection = client.collection(COLLECTION)
    batch, lines = client.batch(), []

    def commit():
        batch.commit()
        sys.stdout.writelines(lines)

    for line in sys.stdin:
        record = json.loads(line)
        for name in TIMES:
            record[name] = datetime.datetime.fromisoformat(record[name])
        batch.create(collection.document(record["id"]), record)
        lines.append(line)
        if len(lines) == 500:
            commit()
            batch, lines = client.batch(), []
    commit()


def query(client):
    found = (client.collection(COLLECTION)
             .order_by("timestamp", direction=firestore.Query.DESCENDING)
             .order_by("__name__"))
    for document in found.stream():
        record = document.to_dict()
        if record["confidence"] < 0.7:
            continue
        for name in TIMES:
            record[name] = record[name].isoformat().replace("+00:00", "Z")
        print(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


{"put": put, "query": query}[sys.argv[1]](firestore.Client(project=sys.argv[2]))

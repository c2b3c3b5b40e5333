#!/usr/bin/env python3
"""version-links-oracle.py - google-cloud-storage's generate_signed_url signs
the same links, byte for byte, for names of every kind. PYTHON names another
Python that has it.
"""
# labels: contract
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile

PYTHON = os.environ.pop("PYTHON", None)
if PYTHON:
    os.execvp(PYTHON, [PYTHON, *sys.argv])
try:
    from google.cloud import storage
    from google.cloud.storage import _signing
    from google.oauth2 import service_account
except ImportError:
    print("SKIPPED: no google-cloud-storage")
    sys.exit(77)

EPOCH = 1767323045
NAMES = ["a.jsonl", "a b.jsonl", "é\U0001F600.jsonl", "~-._.jsonl",
         "%41+&=?#.jsonl", "it's (1)!*,;:@$[].jsonl", "\"<>\\^`{|}.jsonl"]
PREFIXES = ["", "sets/v1/", "p q/ü/a+b/"]


def main():
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-out",
                    "key.pem"], check=True, capture_output=True)
    with open("key.pem", encoding="ascii") as file:
        key = file.read()
    info = {"type": "service_account",
            "client_email": "robot@p.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
            "private_key": key, "project_id": "p"}
    os.umask(0o077)
    with open("key.json", "w", encoding="ascii") as file:
        json.dump(info, file)
    uris = ["gs://some-bucket/%s%s" % (prefix, name)
            for prefix in PREFIXES for name in NAMES]
    environment = {**os.environ, "ANSWERMILL_STORE": "sqlite:a.db",
                   "SOURCE_DATE_EPOCH": str(EPOCH),
                   "GOOGLE_APPLICATION_CREDENTIALS": "key.json"}
    environment.pop("STORAGE_EMULATOR_HOST", None)
    ours = {}
    for number, uri in enumerate(uris):
        version = "v%d" % number
        with open("uploads", "w", encoding="utf-8") as file:
            json.dump({"uri": uri, "generation": str(17 + number), "bytes": 1,
                       "crc32c": "AAAAAA=="}, file)
            file.write("\n")
        with open("manifest.json", "w", encoding="utf-8") as file:
            json.dump({"version": version, "files": [],
                       "created_at": "2026-01-01T00:00:00Z"}, file)
        subprocess.run(["fs-register", "--uploads", "uploads",
                        "manifest.json"], check=True, env=environment,
                       capture_output=True)
        done = subprocess.run(
            ["version-links", "--expires", str(60 + number), version],
            check=True, env=environment, capture_output=True)
        ours[uri] = json.loads(done.stdout)["url"]

    _signing._NOW = lambda zone: datetime.datetime.fromtimestamp(EPOCH, zone)
    credentials = service_account.Credentials.from_service_account_info(info)
    client = storage.Client(project="p", credentials=credentials)
    wrong = 0
    for number, uri in enumerate(uris):
        bucket, name = uri[5:].split("/", 1)
        theirs = client.bucket(bucket).blob(name).generate_signed_url(
            version="v4", credentials=credentials, generation=17 + number,
            expiration=datetime.timedelta(seconds=60 + number))
        if ours[uri] != theirs:
            wrong += 1
            print("%s\n  ours:   %s\n  theirs: %s" % (uri, ours[uri], theirs),
                  file=sys.stderr)
    print("%d of %d links are the same" % (len(uris) - wrong, len(uris)))
    return wrong > 0


scratch = tempfile.mkdtemp()
os.chdir(scratch)
try:
    sys.exit(main())
finally:
    os.chdir("/")
    shutil.rmtree(scratch)

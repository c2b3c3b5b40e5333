#!/usr/bin/env python3
"""misconfigurations.py - what is said when Google is not set up as it must be.

Each row is a real program with real credentials, asked through a proxy on
loopback that answers as Google's services do. The message must name the remedy,
and hold no secret. With --table the messages are printed as a Markdown table.
"""
# labels: contract
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

if not shutil.which("openssl"):
    print("SKIPPED: openssl is missing")
    sys.exit(77)

# It holds a private key, and goes however this ends.
temporary = tempfile.TemporaryDirectory()
folder = temporary.name
os.chdir(folder)
SECRET = "s3cret-refresh-token-0123456789"
ACCOUNT = "night@team-data.iam.gserviceaccount.com"


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=loopback", "-keyout", "tls.key", "-out", "tls.pem",
        "-addext", "subjectAltName=DNS:*.googleapis.com")
openssl("genpkey", "-algorithm", "RSA", "-out", "account.key")


def write(name, value):
    text = value if isinstance(value, str) else json.dumps(value)
    with open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
              "w", encoding="utf-8") as file:
        file.write(text)
    return os.path.join(folder, name)


login = {"type": "authorized_user", "client_id": "id", "client_secret": SECRET,
         "refresh_token": SECRET}
KEY = write("key.json", {
    "type": "service_account", "client_email": ACCOUNT, "private_key_id": "1",
    "private_key": open("account.key", encoding="utf-8").read()})
LOGIN = write("login.json", login)
IMPERSONATED = write("impersonated.json", {
    "type": "impersonated_service_account", "source_credentials": login,
    "service_account_impersonation_url":
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
        + ACCOUNT + ":generateAccessToken"})
POOL = "//iam.googleapis.com/projects/1/locations/global/" \
    "workloadIdentityPools/github"
FEDERATED = write("federated.json", {
    "type": "external_account", "audience": POOL + "/providers/repository",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "credential_source": {"file": write("subject", SECRET)}})
write("in.jsonl", '{"id":"a","question":"q","answer":"a","confidence":1,'
      '"timestamp":"2026-01-01T00:00:00Z"}\n')
write("file.txt", "x\n")


# ---- Google's answers

def rpc(status, word, message, reason=None, **metadata):
    error = {"code": status, "message": message, "status": word}
    if reason:
        error["details"] = [{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason, "domain": "googleapis.com",
            "metadata": metadata}]
    return status, {"error": error}


def storage(status, reason, message):
    return status, {"error": {"code": status, "message": message, "errors": [
        {"domain": "global", "reason": reason, "message": message}]}}


def oauth(word, description, **others):
    return 400, {"error": word, "error_description": description, **others}


TOKEN = (200, {"access_token": "t" * 100, "expires_in": 3600})
OFF = "has not been used in project {} before or it is disabled. Enable it " \
    "by visiting https://console.developers.google.com/apis/api/{}/overview" \
    "?project={} then retry."


def off(service, consumer):
    return rpc(403, "PERMISSION_DENIED",
               "API " + OFF.format(consumer, service, consumer),
               "SERVICE_DISABLED", service=service,
               consumer="projects/" + consumer)


def unused_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


PUT = "fs-put --store firestore:team-data --retries 0 in.jsonl"
QUERY = "fs-query --store firestore:team-data --retries 0 --subreddit a"
UPLOAD = "gcs-put --bucket team-data-versions --retries 0 file.txt"
CHECK = "gcs-put --bucket gs://team-data-versions/ --retries 0 --check-bucket"
CLAIM = "reader-claim --project team-data --uid u --show"
FETCH = "reddit-fetch --subreddit a --secrets team-data --retries 0"
BIND = "gcloud projects add-iam-policy-binding team-data " \
    "--member=serviceAccount:" + ACCOUNT + " --role="
GONE = {"https_proxy": "http://127.0.0.1:%d" % unused_port()}

# what, command, credentials, answers by host, exit status, what is said
ROWS = [
    ("no credentials", PUT, "", {}, 78,
     "gcloud auth application-default login"),
    ("the credential file is missing", PUT, folder + "/none.json", {}, 78,
     "GOOGLE_APPLICATION_CREDENTIALS: "),
    ("a key that was deleted", PUT, KEY,
     {"oauth2": oauth("invalid_grant", "Invalid JWT Signature.")}, 77,
     "gcloud iam service-accounts keys create FILE --iam-account=" + ACCOUNT),
    ("an account that was deleted", PUT, KEY,
     {"oauth2": oauth("invalid_grant", "Invalid grant: account not found")},
     77, "there is no account " + ACCOUNT),
    ("a login that expired", PUT, LOGIN,
     {"oauth2": oauth("invalid_grant", "Token has been expired or revoked.")},
     77, "log in again: gcloud auth application-default login"),
    ("a login that must be confirmed", PUT, LOGIN,
     {"oauth2": oauth("invalid_grant", "reauth related error (%s)" % SECRET,
                      error_subtype="invalid_rapt")},
     77, "invalid_rapt); log in again: gcloud auth application-default login"),
    ("the API is off", PUT, KEY,
     {"firestore": off("firestore.googleapis.com", "team-data")}, 78,
     "gcloud services enable firestore.googleapis.com --project=team-data, or "
     "https://console.developers.google.com/apis/api/firestore.googleapis.com"),
    ("a login without a quota project", PUT, LOGIN,
     {"firestore": off("firestore.googleapis.com", "764086051850")}, 78,
     "gcloud auth application-default set-quota-project PROJECT"),
    ("a quota project of others", PUT, KEY,
     {"firestore": rpc(403, "PERMISSION_DENIED",
                       "Caller does not have required permission to use "
                       "project payer.", "USER_PROJECT_DENIED",
                       service="firestore.googleapis.com",
                       consumer="projects/payer")}, 77,
     "gcloud projects add-iam-policy-binding payer --member=serviceAccount:"
     + ACCOUNT + " --role=roles/serviceusage.serviceUsageConsumer"),
    ("a project that is not there", PUT, KEY,
     {"firestore": rpc(403, "PERMISSION_DENIED",
                       "Permission denied on resource project team-data.",
                       "CONSUMER_INVALID", consumer="projects/team-data")}, 78,
     "gcloud projects describe team-data"),
    ("billing is off", PUT, KEY,
     {"firestore": rpc(403, "PERMISSION_DENIED",
                       "This API method requires billing to be enabled.",
                       "BILLING_DISABLED", consumer="projects/team-data")}, 78,
     "https://console.developers.google.com/billing/enable?project=team-data"),
    ("no role at Firestore", PUT, KEY,
     {"firestore": rpc(403, "PERMISSION_DENIED",
                       "Missing or insufficient permissions.")}, 77,
     ACCOUNT + " needs roles/datastore.user: " + BIND + "roles/datastore.user"),
    ("no database", PUT, KEY,
     {"firestore": rpc(404, "NOT_FOUND",
                       "The database (default) does not exist for project "
                       "team-data")}, 78,
     "gcloud firestore databases create --location=LOCATION "
     "--project=team-data"),
    ("no index", QUERY, KEY,
     {"firestore": rpc(400, "FAILED_PRECONDITION",
                       "The query requires an index.")}, 78,
     "share/firestore.indexes.json has every index that is needed"),
    ("an account that is disabled", PUT, KEY,
     {"firestore": rpc(401, "UNAUTHENTICATED", "Request had invalid "
                       "authentication credentials.")}, 77,
     "is %s disabled or deleted?" % ACCOUNT),
    ("no bucket", UPLOAD, KEY,
     {"storage": storage(404, "notFound",
                         "The specified bucket does not exist.")}, 78,
     "gcloud storage buckets create gs://team-data-versions"),
    ("no role at the bucket", UPLOAD, KEY,
     {"storage": storage(403, "forbidden", ACCOUNT + " does not have "
                         "storage.objects.create access to the Google Cloud "
                         "Storage object.")}, 77,
     "roles/storage.objectUser (storage.objects.create): gcloud storage "
     "buckets add-iam-policy-binding gs://team-data-versions "
     "--member=serviceAccount:" + ACCOUNT + " --role=roles/storage.objectUser"),
    ("a bucket that others may write", CHECK, KEY,
     {"storage": (200, {"permissions": ["storage.objects.get"]})}, 77,
     "roles/storage.objectUser (storage.objects.create)"),
    ("a bucket as in a URI", CHECK, KEY,
     {"storage": (200, {"permissions": ["storage.objects.get",
                                        "storage.objects.create"]})}, 0, ""),
    ("a bucket whose reader pays", UPLOAD, KEY,
     {"storage": storage(400, "required", "Bucket is a requester pays bucket "
                         "but no user project provided.")}, 78,
     "set GOOGLE_CLOUD_QUOTA_PROJECT to the project that pays"),
    ("no role at Secret Manager", FETCH, KEY,
     {"secretmanager": rpc(403, "PERMISSION_DENIED",
                           "Permission 'secretmanager.versions.access' denied",
                           "IAM_PERMISSION_DENIED",
                           permission="secretmanager.versions.access")}, 77,
     "(secretmanager.versions.access): " + BIND
     + "roles/secretmanager.secretAccessor"),
    ("no role at Firebase Authentication", CLAIM, KEY,
     {"identitytoolkit": rpc(403, "PERMISSION_DENIED",
                             "INSUFFICIENT_PERMISSION : no")}, 77,
     BIND + "roles/firebaseauth.admin"),
    ("an account that may not be acted as", PUT, IMPERSONATED,
     {"iamcredentials": rpc(403, "PERMISSION_DENIED",
                            "Permission 'iam.serviceAccounts.getAccessToken' "
                            "denied on resource (or it may not exist).",
                            "IAM_PERMISSION_DENIED",
                            permission="iam.serviceAccounts.getAccessToken")},
     77, "gcloud's login needs roles/iam.serviceAccountTokenCreator "
     "(iam.serviceAccounts.getAccessToken) on that account"),
    ("a repository that the pool does not admit", PUT, FEDERATED,
     {"sts": oauth("unauthorized_client", "The given credential is rejected "
                   "by the attribute condition.")}, 77,
     "--attribute-condition does not admit"),
    ("a federated identity without a role", PUT, FEDERATED,
     {"firestore": rpc(403, "PERMISSION_DENIED",
                       "Missing or insufficient permissions.")}, 77,
     "--member=principalSet:" + POOL + "/*"),
    ("a machine with few scopes", PUT, KEY,
     {"firestore": rpc(403, "PERMISSION_DENIED", "Request had insufficient "
                       "authentication scopes.",
                       "ACCESS_TOKEN_SCOPE_INSUFFICIENT")}, 77,
     "gcloud compute instances set-service-account"),
    ("too many requests", PUT, KEY,
     {"firestore": rpc(429, "RESOURCE_EXHAUSTED", "Quota exceeded.")}, 75,
     "(RESOURCE_EXHAUSTED): Quota exceeded"),
    ("a proxy that refuses", PUT, KEY, {"proxy": 403}, 75,
     "the proxy that https_proxy names refuses oauth2.googleapis.com: status "
     "403"),
    ("a proxy that is gone", PUT, KEY, GONE, 75,
     "or to the proxy that https_proxy names"),
    ("a name that is not known", UPLOAD, KEY,
     {"https_proxy": "http://proxy.invalid:1"}, 75, "no such host"),
]


# ---- the proxy, which is also every server behind it

answers = {}
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("tls.pem", "tls.key")


def read_head(stream):
    head = b""
    while b"\r\n\r\n" not in head:
        some = stream.recv(65536)
        if not some:
            return None
        head += some
    return head


def serve(client):
    with client:
        head = read_head(client)
        if not head or "proxy" in answers:
            client.sendall(b"HTTP/1.1 %d No\r\n\r\n" % answers.get("proxy", 400))
            return
        host = head.split()[1].split(b".")[0].decode()
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with context.wrap_socket(client, server_side=True) as stream:
            while (request := read_head(stream)) is not None:
                head, body = request.split(b"\r\n\r\n", 1)
                size = re.search(rb"(?i)content-length: (\d+)", head)
                left = int(size[1]) - len(body) if size else 0
                while left > 0:
                    left -= len(stream.recv(65536))
                default = TOKEN if host in ("oauth2", "sts") else (404, {})
                status, answer = answers.get(host, default)
                text = json.dumps(answer).encode()
                stream.sendall(b"HTTP/1.1 %d X\r\nContent-Type: application/"
                               b"json\r\nContent-Length: %d\r\n\r\n"
                               % (status, len(text)) + text)


def accept(listener):
    while True:
        client, _ = listener.accept()
        threading.Thread(target=guarded, args=(client,), daemon=True).start()


def guarded(client):
    try:
        serve(client)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept, args=(listener,), daemon=True).start()
proxy = "http://127.0.0.1:%d" % listener.getsockname()[1]

# ---- each row

failures = 0
shown = []
for what, command, credentials, row_answers, status, text in ROWS:
    answers.clear()
    answers.update(row_answers)
    environment = {
        "PATH": os.environ["PATH"], "HOME": folder, "https_proxy": proxy,
        "SSL_CERT_FILE": os.path.join(folder, "tls.pem"),
        "GOOGLE_APPLICATION_CREDENTIALS": credentials,
        "GCE_METADATA_HOST": "127.0.0.1:%d" % unused_port()}
    environment.update({name: value for name, value in row_answers.items()
                        if name == "https_proxy"})
    run = subprocess.run(command.split(), env=environment, capture_output=True,
                         text=True, timeout=60, check=False)
    said = run.stderr.strip()
    shown.append((what, run.returncode, said))
    if run.returncode != status or text not in said or SECRET in said or \
            "t" * 100 in said:
        failures += 1
        print(f"{what}: exit status {run.returncode}, not {status}, or "
              f"not '{text}':\n    {said}", file=sys.stderr)
if "--table" in sys.argv:
    print("| what is wrong | status | what is said |\n|---|---|---|")
    for what, status, said in shown:
        said = said.replace(folder, "DIR").replace("|", "\\|")
        print(f"| {what} | {status} | {said} |")
if not failures:
    print(f"{len(ROWS)} misconfigurations, each with its remedy")
sys.exit(failures > 0)

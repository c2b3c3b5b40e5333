#!/bin/bash
# tls.sh - whose certificate is trusted, and what is said and shown on the way:
# nothing goes to a server that cannot prove its name, a token asked for under
# Google's own name bears a signature that openssl verifies, and no secret
# shows in messages, statistics, arguments or core files.
#
# labels: faults
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
server=
unset "${!GOOGLE_@}" "${!SSL_@}" https_proxy HTTPS_PROXY all_proxy ALL_PROXY \
  no_proxy NO_PROXY

warns() { has "$1" err; }

# ---- certificates: an authority, and what it signed
authority() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" \
    -keyout "$1.key" -out "$1.pem" 2>log || { cat log >&2; exit 1; }
}

# certificate NAME HOST OPTION...: signed by the authority with these options
certificate() {
  local name=$1 host=$2
  shift 2
  openssl req -new -newkey rsa:2048 -nodes -subj "/CN=$name" \
    -keyout "$name.key" -out "$name.csr" 2>log &&
    openssl x509 -req -in "$name.csr" -CA authority.pem -CAkey authority.key \
      -CAcreateserial -extfile <(echo "subjectAltName=$host") "$@" \
      -out "$name.pem" 2>log || { cat log >&2; exit 1; }
}
authority authority
authority other
certificate good DNS:localhost,IP:127.0.0.1,DNS:*.googleapis.com -days 2
certificate elsewhere DNS:example.org,IP:127.0.0.2 -days 2
certificate expired DNS:localhost,IP:127.0.0.1 -days -1

# start CERTIFICATE: $port and an empty ./seen are left behind.
start() {
  [ -z "$server" ] || kill "$server"
  rm -rf seen
  mkdir seen
  serve python3 "$TOP/tests/fake/tls_server.py" --log-dir seen \
    --cert "$1.pem" --key "$1.key"
}

printf 's3cret-%032d' 0 >token
chmod 600 token
fetch="reddit-fetch --retries 1 --token-file token --collector-url"

# ---- who is trusted
start good
for host in localhost 127.0.0.1; do
  expect 0 "SSL_CERT_FILE=authority.pem $fetch https://$host:$port/"
done
grep -qx "Authorization: Bearer $(cat token)" seen/1 || fail "no token came"

nobody_saw_it() {
  warns "the server's certificate cannot be verified"
  [ "$(ls seen)" = "" ] || fail "$1: sent something"
}
start good
expect 69 "$fetch https://localhost:$port/"
nobody_saw_it "an authority that is not known"
expect 69 "SSL_CERT_FILE=other.pem $fetch https://localhost:$port/"
nobody_saw_it "another authority"
expect 69 "SSL_CERT_FILE=/nonexistent $fetch https://localhost:$port/"
warns "the certificates to trust cannot be read"
expect 69 "$fetch http://example.org/"
warns "plain http is for loopback only; use https"
for certificate in elsewhere expired other; do
  start $certificate
  expect 69 "SSL_CERT_FILE=authority.pem $fetch https://localhost:$port/"
  nobody_saw_it "$certificate"
done

# ---- Google by its own name: a service account's token, and a claim set
openssl genpkey -quiet -algorithm RSA -out account.key 2>log ||
  openssl genpkey -algorithm RSA -out account.key 2>log || exit 1
openssl pkey -in account.key -pubout -out account.pem
python3 - <<'EOF'
import json

json.dump({
    "type": "service_account", "client_email": "robot@p", "private_key_id": "k1",
    "private_key": open("account.key").read(), "quota_project_id": "payer",
    "token_uri": "https://oauth2.googleapis.com/token"}, open("account.json", "w"))
EOF
chmod 600 account.json
export GOOGLE_APPLICATION_CREDENTIALS=account.json
start good
as_google="https_proxy=http://127.0.0.1:$port SSL_CERT_FILE=authority.pem"
expect 69 "https_proxy=http://127.0.0.1:$port reader-claim --project p --uid u"
nobody_saw_it "Google's name without its certificate"
expect 0 "$as_google reader-claim --project p --uid u"
[ "$(cat out)" = '{"uid":"u","claims":{"team":"a","pipelineReader":true},"changed":true}' ] ||
  fail "another claim"
grep -q s3cret out err && fail "shows a token"
[ "$(ls seen | wc -l)" = 4 ] || fail "not 4 requests"
grep -qx 'via oauth2.googleapis.com:443' seen/1 || fail "another endpoint"
for i in 2 3 4; do
  for line in 'via identitytoolkit.googleapis.com:443' \
    'Authorization: Bearer ya29.t0ken-s3cret' 'x-goog-user-project: payer'; do
    grep -qx "$line" seen/$i || fail "request $i: no $line"
  done
done

# ---- the assertion, verified by openssl, and by Python where it can
"${PYTHON:-python3}" - <<'EOF' || fail "the assertion is not what Google wants"
import base64, json, time, urllib.parse

body = open("seen/1").read().split("\n\n", 1)[1]
form = urllib.parse.parse_qs(body, strict_parsing=True)
assertion = form["assertion"][0]
signed, signature = assertion.rsplit(".", 1)
decode = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
open("signed", "w").write(signed)
open("signature", "wb").write(decode(signature))
header, claims = (json.loads(decode(part)) for part in signed.split("."))
assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
assert header == {"alg": "RS256", "typ": "JWT", "kid": "k1"}, header
assert "=" not in assertion
issued = claims.pop("iat")
assert abs(issued - time.time()) < 300 and claims.pop("exp") - issued == 3600
assert claims == {"iss": "robot@p", "aud": "https://oauth2.googleapis.com/token",
                  "scope": "https://www.googleapis.com/auth/cloud-platform"}
try:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding
except ImportError:
    print("Python has no cryptography: the signature is left to openssl")
else:
    key = serialization.load_pem_public_key(open("account.pem", "rb").read())
    key.verify(decode(signature), signed.encode(), padding.PKCS1v15(),
               hashes.SHA256())
EOF
openssl dgst -sha256 -verify account.pem -signature signature signed >log 2>&1 ||
  fail "openssl does not verify the signature"

# ---- what can be seen from outside while a secret is in use
eval "SSL_CERT_FILE=authority.pem exec $fetch https://localhost:$port/slow" \
  --stats stats --progress=always >out 2>err &
fetching=$!
until [ -e seen/5 ]; do
  kill -0 $fetching || break
  sleep 0.05
done
grep -qx "Authorization: Bearer $(cat token)" seen/5 || fail "no token came"
tr '\0' '\n' <"/proc/$fetching/cmdline" >argv
tr '\0' '\n' <"/proc/$fetching/environ" >>argv 2>/dev/null
grep -q token-file argv || fail "another program's arguments"
grep -Eq '^Max core file size +0 +0 ' "/proc/$fetching/limits" ||
  fail "a core file could be written"
sleep 1.2 # until progress is shown
kill $fetching
wait $fetching
grep -q s3cret argv out err && fail "a secret can be seen"
expect 0 "SSL_CERT_FILE=authority.pem $fetch https://localhost:$port/ --stats stats"
grep -q s3cret stats out err && fail "a secret in the account of a run"

finish "TLS is verified, and secrets stay secret"

#!/bin/bash
# nightly.sh - the nightly job: what scripts/nightly calls, and that the workflow
# and the systemd units that run it say what they must.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"

# ---- the script, over an orchestrate that writes down its arguments
mkdir -p stub/scripts
cp "$TOP"/scripts/{nightly,programs} stub/scripts/
cat >stub/scripts/orchestrate <<'EOF'
#!/bin/sh
echo "orchestrate $*" >>calls
exit "$(cat status 2>/dev/null || echo 0)"
EOF
chmod +x stub/scripts/orchestrate
# What the bucket and the store say: no manifest there, and no object.
mkdir stub/bin
printf '#!/bin/sh\nexit "$(cat registers 2>/dev/null || echo 66)"\n' >stub/bin/fs-register
printf '#!/bin/sh\necho "{\\"objects\\":$(cat objects 2>/dev/null || echo 0)}"; rm -f objects\n' \
  >stub/bin/gcs-put
chmod +x stub/bin/*

# nightly STATUS [NAME=VALUE]...
nightly() {
  local want=$1 got
  shift
  rm -f calls
  env -u OUTPUT -u COLLECTOR_AUTH COLLECTOR_URL=https://c.example/ \
    ANSWERMILL_BIN="$PWD/stub/bin" PROJECT=p BUCKET=b "$@" stub/scripts/nightly 2>err
  got=$?
  [ $got = "$want" ] || fail "nightly $*: exit status $got, not $want"
}

nightly 0
for words in '--collector-url https://c.example/ ' '--auth none ' \
  '--export-project p ' '--gcs-bucket b --gcs-prefix nightly/2' \
  '--withdraw always --secrets p ' '--output training/output ' '--dataset-version v[0-9]\{8\} '; do
  grep -q "^orchestrate .*$words" calls || fail "orchestrate without $words"
done
nightly 0 COLLECTOR_AUTH=id-token
grep -q -- '--auth id-token' calls || fail "no identity for the collector"
nightly 0 WITHDRAW=never REDDIT_CLIENT_ID=id
grep -q -- '--withdraw never --secrets  ' calls || fail "credentials of its own"
nightly 0 COLLECTOR_TOKEN_FILE=t ACCEPT_AS_BASELINE='ana: new'
grep -q -- '--token-file t .*--accept-as-baseline ana: new ' calls || fail "no token, or nobody accepts"
echo 11 >objects # a part of a version that another machine left
nightly 0 BUCKET=gs://b/
grep -q -- '--dataset-version v[0-9]\{8\}_2 --gcs-bucket b --gcs-prefix nightly/[-0-9]*_2$' calls ||
  fail "a part of a version is not left as it is"
cat >stub/bin/gcs-put <<'EOF' # ten of them
#!/bin/sh
echo x >>asked
[ "$(wc -l <asked)" -gt 10 ] && echo '{"objects":0}' || echo '{"objects":11}'
EOF
nightly 0
grep -q -- '--dataset-version v[0-9]\{8\}_11 ' calls || fail "after ten parts not the eleventh name"
echo 0 >registers # the whole of it
nightly 0
[ ! -e calls ] || fail "a version that is there is made again"
echo 77 >registers
nightly 77
rm registers
echo 75 >status
nightly 75
rm status
nightly 78 BUCKET=
grep -q 'BUCKET is not set' err || fail "does not say what is not set"

"$TOP/scripts/orchestrate" --help >help || fail "orchestrate --help fails"
sed -n '/scripts\/orchestrate"/,$p' "$TOP/scripts/nightly" |
  grep -oE -- '--[a-z-]+' | sort -u >flags
[ "$(wc -l <flags)" -ge 6 ] || fail "few flags"
while read -r flag; do
  grep -q -- " $flag " help || fail "orchestrate has no $flag"
done <flags
make -n -f "$TOP/Makefile.pipeline" acceptance STORE=firestore:p OUT=o VERSION=v1 >plan ||
  fail "Makefile.pipeline has no target acceptance"
grep -q "^acceptance-check " plan || fail "no verdict"

# ---- the units
units=$TOP/share/systemd/answermill-nightly
python3 - "$units" <<'EOF' || fail "the units are not as they must be"
import configparser, sys

def read(path):
    unit = configparser.RawConfigParser(strict=False, comment_prefixes="#")
    unit.optionxform = str
    unit.read_string(open(path, encoding="utf-8").read())
    return unit

service = read(sys.argv[1] + ".service")
timer = read(sys.argv[1] + ".timer")
assert set(service.sections()) == {"Unit", "Service"}, service.sections()
assert set(timer.sections()) == {"Unit", "Timer", "Install"}
assert timer["Install"]["WantedBy"] == "timers.target"
assert timer["Timer"]["OnCalendar"].endswith(" UTC")
wanted = {
    "Type": "oneshot", "ExecStart": "/usr/bin/answermill nightly",
    "DynamicUser": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "NoNewPrivileges": "yes", "CapabilityBoundingSet": "",
    "LimitCORE": "0", "UMask": "0077", "SystemCallFilter": "@system-service",
    "LoadCredential": "google.json:/etc/answermill/google.json",
    "EnvironmentFile": "/etc/answermill/nightly.env"}
for name, value in wanted.items():
    assert service["Service"][name] == value, (name, service["Service"][name])
assert service["Unit"]["OnFailure"] == "answermill-alert@%n.service"
retried = {"69", "74", "75"}
assert not retried & set(service["Service"]["RestartPreventExitStatus"].split())
EOF
if command -v systemd-analyze >/dev/null; then
  mkdir units
  cp "$units.service" "$units.timer" "$TOP/share/systemd/answermill-alert@.service" units/
  sed -i "s:/usr/bin/answermill:$TOP/scripts/answermill:" units/*.service
  systemd-analyze verify --man=no units/*.timer units/*.service >log 2>&1 ||
    fail "systemd-analyze: $(cat log)"
  grep -F answermill-nightly log && fail "systemd-analyze fails"
  systemd-analyze security --offline=true --threshold=20 \
    units/answermill-nightly.service >log 2>&1 ||
    fail "exposed: $(tail -n 1 log)"
  systemd-analyze calendar '*-*-* 03:17:00 UTC' >log || fail "no such time"
fi

# ---- the workflows
grep -nE 'secrets\.|BEGIN|ya29|AIza' "$TOP"/.github/workflows/* &&
  fail "a secret in a workflow"
if ! python3 -c 'import yaml' 2>/dev/null; then
  [ $failures = 0 ] || exit 1
  echo "SKIPPED: the workflow, since Python has no yaml here"
  exit 77
fi
python3 - "$TOP"/.github/workflows/*.yml <<'EOF' || fail "a workflow is not as all must be"
import re, sys, yaml

for path in sys.argv[1:]:
    flow = yaml.safe_load(open(path, encoding="utf-8"))
    assert flow["permissions"]["contents"] == "read", path
    for job in flow["jobs"].values():
        assert job["timeout-minutes"] <= 360, path
        for step in job["steps"]:
            if "uses" in step:  # a tag could be moved to another commit
                assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), \
                    (path, step["uses"])
                if step["uses"].startswith("actions/checkout@"):
                    assert step["with"]["persist-credentials"] is False, path
            else:
                assert "github.event" not in step["run"], (path, step["run"])
EOF
python3 - "$TOP/.github/workflows/nightly.yml" <<'EOF' || fail "the workflow is not as it must be"
import re, sys, yaml

flow = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
on = flow[True] if True in flow else flow["on"]  # YAML 1.1 takes "on" for true
assert set(on) == {"schedule", "workflow_dispatch"}, on
assert re.fullmatch(r"\d+ \d+ \* \* \*", on["schedule"][0]["cron"])
assert flow["permissions"] == {"contents": "read", "id-token": "write",
                               "issues": "write"}
assert list(flow["jobs"]) == ["nightly"]
job = flow["jobs"]["nightly"]
assert "permissions" not in job and job["timeout-minutes"] <= 360
names = []
for step in job["steps"]:
    assert "uses" in step or "${{" not in step["run"], "text put into a script"
    names.append(step.get("uses", step.get("run")).split("@")[0])
assert names == ["actions/checkout", "scripts/setup && scripts/build",
                 "google-github-actions/auth", job["steps"][3]["run"],
                 "scripts/nightly",
                 "actions/upload-artifact", job["steps"][-1]["run"]], names
_, _, login, token, nightly, upload, alert = job["steps"]
assert token["run"].startswith("umask 077\ngcloud secrets versions access latest")
assert token["if"] == "vars.COLLECTOR_TOKEN_SECRET != ''"
assert alert["if"] == "failure() || cancelled()" and "gh issue create" in alert["run"]
assert set(login["with"]) == {"workload_identity_provider", "service_account"}
assert set(nightly["env"]) == {"COLLECTOR_URL", "COLLECTOR_AUTH", "PROJECT",
                               "BUCKET", "WITHDRAW", "RETAIN_DAYS",
                               "ACCEPT_AS_BASELINE"}
assert nightly["env"].pop("ACCEPT_AS_BASELINE").startswith(
    "${{ inputs.accept_as_baseline && format('{0}: {1}', github.actor")
for value in [*login["with"].values(), *token["env"].values(), *nightly["env"].values()]:
    assert re.fullmatch(r"\$\{\{ vars\.\w+ \}\}", value), value
for path in upload["with"]["path"].split():
    assert path.startswith(("training/output/*/", "training/output/.refused/")), path  # not the credentials
assert upload["if"] == "always()"
EOF

finish "the nightly job: as expected"

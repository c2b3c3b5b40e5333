#!/bin/bash
# vendor-cases.sh - jsonl-validate and a vendor's own checker agree on the
# vendor's own test files.
#
# labels: contract
set -u
cases=$TOP/../shared/data/7_vendor_checks
[ -d "$cases" ] || { echo "SKIPPED: no vendor cases at hand"; exit 77; }
exec python3 - "$cases" <<'END'
import json, pathlib, subprocess, sys

wrong = total = 0
for index in pathlib.Path(sys.argv[1]).glob("*/index.json"):
    profile = index.parent.name
    for case in json.loads(index.read_text()):
        if not case["file"].endswith(".jsonl"):
            continue
        total += 1
        run = subprocess.run(
            ["jsonl-validate", "--profile", profile, index.parent / case["file"]],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if (run.returncode == 0) != case["expect_pass"]:
            wrong += 1
            print(f"{case['file']}: exit status {run.returncode}\n{run.stderr}")
print(f"{total} cases, {wrong} of them judged otherwise")
sys.exit(wrong > 0 or total == 0)
END

#!/bin/bash
# vendor-cases.sh - jsonl-validate and a vendor's own checker agree: on our files,
# of which tests/data/vendor keeps what that checker said (Together's of version
# 2.14.0, the last that looks at messages), and on the vendor's own, where
# ../shared/data has them.
#
# labels: contract
set -u
exec python3 - "$TOP"/{tests/data/vendor,../shared/data/7_vendor_checks} <<'END'
import json, pathlib, subprocess, sys

wrong = total = 0
indexes = [index for folder in sys.argv[1:]
           for index in pathlib.Path(folder).glob("*/index.json")]
for index in indexes:
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

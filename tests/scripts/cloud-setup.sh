#!/bin/bash
# cloud-setup.sh - cloud-setup with a gcloud that records what it is asked and
# remembers what it made: a dry run asks nothing; a second run makes nothing;
# accounts get the roles that are said and no others; secrets are no arguments;
# what fails ends it; Terraform makes the same.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"

# The stand-in: `describe` finds what `create` made, which fails the second time.
mkdir bin made
cat >bin/gcloud <<'END'
#!/bin/bash
printf '%q ' gcloud "$@" >>calls
echo >>calls
# What is made: the command's nouns and what it names.
key=
for word in "$@"; do
  case $word in
    create | create-oidc | describe | deploy) ;;
    --database=* | --collection-group=* | --field-config=* | \
      --workload-identity-pool=*) key+=_$word ;;
    -*) ;;
    *) key+=_${word%%@*} ;; # an account by its name or its address
  esac
done
key=made/${key//\//%}
[ -e fails ] && grep -q "$(cat fails)" <<<"$*" && {
  echo "ERROR: (gcloud) PERMISSION_DENIED: not allowed" >&2
  exit 1
}
case " $* " in
  *' projects describe '*) echo 123456789 ;;
  *' services describe '*) echo https://collector.example ;;
  *' describe '*)
    [ -e "$key" ] || { echo "ERROR: (gcloud) NOT_FOUND: $key" >&2; exit 1; } ;;
  *' create '* | *' create-oidc '*)
    [ ! -e "$key" ] || { echo "ERROR: (gcloud) ALREADY_EXISTS: $key" >&2; exit 1; }
    echo "$*" >"$key" ;;
  *' versions list '*) cat "made/value-$4" 2>/dev/null ;;
  *' versions add '*)
    [ "$(wc -c)" -ge 32 ] || exit 1
    echo 1 >"made/value-$4" ;;
  *' --lifecycle-file='*) cat >lifecycle ;;
esac
exit 0
END
chmod +x bin/gcloud
export PATH=$PWD/bin:$PATH
setup="$TOP/scripts/cloud-setup"
what="--project my-project --bucket gs://team-datasets/ --retain-days 90 \
--keep-days 1 --github owner/repo --collector r.example/p/collector:1 \
--subreddit mtgrules --subreddit askjudge"

expect 0 "$setup --dry-run $what"
[ ! -e calls ] || fail "a dry run calls gcloud"
cp out dry

# Reddit's credentials are the user's to add: all else is made.
expect 78 "$setup $what"
has 'gcloud secrets versions add REDDIT_CLIENT_ID' err
has 'gcloud secrets versions add REDDIT_CLIENT_SECRET' err
grep -q 'run deploy' calls && fail "a collector without its secrets"
for name in REDDIT_CLIENT_ID REDDIT_CLIENT_SECRET; do echo 1 >made/value-$name; done
expect 0 "$setup $what"
grep -q 'run deploy' calls || fail "no collector"
has 'COLLECTOR_URL=https://collector.example' out
has 'projects/123456789/locations/global/workloadIdentityPools/github' out
find made -type f ! -name 'value-*' | sort >first
grep -c . first | grep -qx 14 || fail "made: $(cat first)"

# Again: nothing is made, and what is done can be done as often as one likes.
mv calls before
expect 0 "$setup $what"
grep -E '^gcloud .* (create|create-oidc) ' calls | grep -v ' indexes ' &&
  fail "made twice"
find made -type f ! -name 'value-*' | sort | cmp - first || fail "made more"
grep -q 'versions add' calls && fail "another token"

# What the dry run showed is what ran.
sed -n "s/ <<<.*//; s/^openssl.* | //; /^gcloud/p" dry |
  sed 's/PROJECT_NUMBER/123456789/' | sort >shown
while read -r line; do eval "printf '%q ' $line"; echo; done <shown |
  sort -u >shown-words
cat before calls | grep -vE ' (describe|list) ' | sort -u >ran
diff shown-words ran >&2 || fail "shown is not what ran"

# Roles, of each account, and no others.
python3 - before calls >roles <<'END'
import re, shlex, sys
roles = set()
for path in sys.argv[1:]:
    for line in open(path):
        if "add-iam-policy-binding" in line:
            words = shlex.split(line)
            member = next(w for w in words if w.startswith("--member="))
            role = next(w for w in words if w.startswith("--role="))
            on = words[words.index("add-iam-policy-binding") + 1]
            roles.add("%s %s %s" % (
                re.sub("@.*", "", member.split(":", 1)[1]), role[7:],
                re.sub("@.*", "", on)))
print("\n".join(sorted(roles)))
END
cat >wanted <<'END'
//iam.googleapis.com/projects/123456789/locations/global/workloadIdentityPools/github/attribute.repository/owner/repo roles/iam.workloadIdentityUser answermill-nightly
answermill-collector roles/datastore.user my-project
answermill-collector roles/secretmanager.secretAccessor REDDIT_CLIENT_ID
answermill-collector roles/secretmanager.secretAccessor REDDIT_CLIENT_SECRET
answermill-collector roles/secretmanager.secretAccessor answermill-collector-token
answermill-links roles/datastore.viewer my-project
answermill-links roles/iam.serviceAccountTokenCreator answermill-links
answermill-links roles/storage.objectViewer team-datasets
answermill-nightly roles/datastore.user my-project
answermill-nightly roles/iam.serviceAccountTokenCreator answermill-nightly
answermill-nightly roles/run.invoker answermill-collector
answermill-nightly roles/secretmanager.secretAccessor REDDIT_CLIENT_ID
answermill-nightly roles/secretmanager.secretAccessor REDDIT_CLIENT_SECRET
answermill-nightly roles/secretmanager.secretAccessor answermill-collector-token
answermill-nightly roles/storage.objectUser team-datasets
END
sed 's|gs://||' roles | LC_ALL=C sort | diff wanted - >&2 || fail "other roles"
has '"Delete"},"condition":{"age":120}' lifecycle
grep -q -- '--retention-period=1d' calls || fail "no retention"

# Each index of the file, and each field that needs none; rules are left alone.
python3 - "$TOP/share/firestore.indexes.json" >wanted <<'END'
import json, sys
file = json.load(open(sys.argv[1]))
for index in file["indexes"]:
    print(index["collectionGroup"], *(
        "%s,%s" % (f["fieldPath"], f["order"].lower()) for f in index["fields"]))
for field in file["fieldOverrides"]:
    assert field["indexes"] == []
    print(field["collectionGroup"], field["fieldPath"])
END
sed -nE 's/.*composite create .*--collection-group=([^ ]*) (.*) --async.*/\1 \2/p
         s/.*fields update ([^ ]*) .*--collection-group=([^ ]*) .*/\2 \1/p' before |
  sed -E 's/\\//g; s/--field-config=field-path=([^ ]*),order=/\1,/g' | sort -u |
  diff <(sort wanted) - >&2 || fail "other indexes"
grep -qE 'firebase|firestore.rules' before && fail "rules are touched"
has 'client rules are left alone' out
expect 0 "$setup --dry-run --deploy-rules --project my-project --bucket team-datasets"
has 'REPLACE' out
has 'firebase deploy --only firestore:rules --project=my-project' out

# What fails ends it, at once, with what gcloud said.
rm -r made calls
mkdir made
echo 'databases create' >fails
expect 1 "$setup --project my-project --bucket team-datasets"
has PERMISSION_DENIED err
grep -q 'buckets' calls && fail "it goes on after a failure"
echo 'buckets describe' >fails
expect 1 "$setup --project my-project --bucket team-datasets"
has 'buckets describe gs://team-datasets failed' err
grep -q 'buckets create' calls && fail "what cannot be asked is made"
echo 'composite create' >fails
expect 1 "$setup --project my-project --bucket team-datasets"
rm fails

expect 64 "$setup --project my-project"
expect 64 "$setup --project 'a b' --bucket team-datasets"
expect 64 "$setup --project my-project --bucket team-datasets --github repo"
expect 64 "$setup --project my-project --bucket team-datasets --collector i:1"
expect 64 "$setup --project my-project --bucket team-datasets --keep-days 9 --retain-days 8"
expect 64 "$setup --project my-project --bucket team-datasets --wrong"
expect 64 "$setup --project my-project --bucket team-datasets more"
expect 0 "$TOP/scripts/answermill cloud-setup --help"

# Terraform has the same accounts, roles, APIs and settings.
cat "$TOP"/share/terraform/*.tf >terraform
for text in $(cut -d ' ' -f 2 roles | sort -u) $(sed -nE \
  's/^gcloud services enable (.*) --project.*/\1/p' dry | sed 's/\.googleapis\.com//g'); do
  has "\"$text\"" terraform
done
finish "the same with each run, and as little as needed"

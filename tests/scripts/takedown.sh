#!/bin/bash
# takedown.sh - every known sign that something was deleted or removed, on the
# post, the answer or both: nothing taken down is picked, stays in a store, or
# is published, and what nobody took down does all of that.
set -u
# shellcheck source=tests/each-store
. "$TOP/tests/each-store"

# ./before and ./after hold threads, before anything was taken down and after;
# ./info what Reddit's /api/info knows after; ./gone words of the texts that
# were taken down, ./kept the ids of the posts that were not.
python3 - <<'END' || exit 1
import json
notices = [
    "[deleted]", "[removed]", "[deleted by user]", "[Deleted By User]",
    " [deleted]\u0000", "\u0000[removed]\n", "\u00a0[deleted]\u200b",
    "[ Removed by Reddit ]", "[ Removed by moderator ]",
    "[removed by moderator]", "**[removed]**", "\\[deleted\\]",
    "[ Removed by reddit in response to a copyright notice. ]",
    "[ Removed by reddit on account of violating the "
    "[content policy](/help/contentpolicy). ]"]
flags = [{"removed_by_category": by} for by in (
    "deleted", "author", "moderator", "automod_filtered", "reddit",
    "anti_evil_ops", "community_ops", "content_takedown",
    "copyright_takedown", "trademark_takedown")]
flags += [{"removal_reason": "legal"}, {"banned_by": "mod"},
          {"banned_by": True}, {"banned_at_utc": 1604116815},
          {"removed_by": "automoderator"}, {"removed": True}, {"spam": True},
          {"author": "[deleted]"}, {"author": None}, {"author": ""},
          {"collapsed_reason_code": "DELETED"},
          {"_meta": {"removal_type": "deleted"}},
          {"is_robot_indexable": False},
          {"_meta": {"removal_type": "moderator"}},
          {"_meta": {"removal_type": "removed"}},
          {"_meta": {"removal_type": "reddit"}},
          {"_meta": {"removal_type": "removed by reddit"}},
          {"_meta": {"was_deleted_later": True}},
          {"_meta": {"was_initially_deleted": True}}]
signs = [({"title": text}, None) for text in notices]
signs += [({"selftext": text}, {"body": text}) for text in notices]
signs += [(flag, flag) for flag in flags]
signs += [({}, {})]  # no sign: these stay
info, gone, kept, before, after = {}, [], [], [], []
number = 0
for on_post, on_answer in signs:
    for post_goes, answer_goes in ((1, 0), (0, 1), (1, 1)):
        if answer_goes and on_answer is None:
            continue
        number += 1
        post = {"name": "t3_p%d" % number, "id": "p%d" % number, "author": "q",
                "title": "Why is it so, question%dq?" % number,
                "selftext": "Nobody told me.", "is_self": True,
                "permalink": "/r/s/comments/p%d/x/" % number, "subreddit": "s",
                "created_utc": 1600000000 + number, "upvote_ratio": 0.9}
        answer = {"name": "t1_a%d" % number, "id": "a%d" % number,
                  "parent_id": post["name"], "author": "w", "score": 50,
                  "created_utc": 1600000100,
                  "body": "answer%da is so for many good reasons, which take "
                          "more than a line to tell, and one that is plain: "
                          "nobody took it down." % number}
        spare = dict(answer, name="t1_s%d" % number, id="s%d" % number,
                     author="v", score=5, body=answer["body"].replace(
                         "answer%da" % number, "spare%ds" % number))
        before.append({"post": post, "comments": [answer, spare]})
        post = dict(post, **(on_post if post_goes else {}))
        answer = dict(answer, **(on_answer if answer_goes else {}))
        after.append({"post": post, "comments": [answer, spare]})
        info[post["name"]], info[answer["name"]] = post, answer
        if not on_post:
            kept.append(post["name"])
            continue
        if post_goes:
            gone += ["question%dq" % number, "spare%ds" % number]
        gone.append("answer%da" % number if answer_goes or post_goes else "")
for name, lines in ("before", before), ("after", after):
    with open(name, "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
json.dump(info, open("info", "w"))
for name, lines in ("gone", gone), ("kept", kept):
    with open(name, "w") as file:
        file.writelines(line + "\n" for line in lines if line)
END

serve python3 "$TOP/tests/fake/reddit_info.py"
printf 'REDDIT_%s\n' CLIENT_ID=client CLIENT_SECRET=s3cret >./env
chmod 600 env
withdraw="withdraw --env-file env --retries 0 --stats stats \
  --api-base http://127.0.0.1:$port"
total=$(wc -l <before)
living=$(wc -l <kept)

# holds_none FILE: none of what was taken down, no notice, and all that stays.
holds_none() {
  grep -oFwf gone "$1" >found && fail "$1 holds $(sort -u found)"
  grep -iE '\[ *(deleted|removed)|removed by' "$1" && fail "$1 has a notice"
  [ "$(grep -coFf kept "$1")" = "$living" ] || fail "$1 lacks what stays"
}

# ---- nothing that was taken down is picked, alone, among all or in pairs
expect 0 "pick-answer --profile qa after"
mv out picked
holds_none picked
expect 0 "pick-answer --profile qa --all-candidates after"
mv out candidates
grep -oFwf gone candidates && fail "all candidates"
expect 0 "pick-answer --profile qa --pairs after"
mv out pairs
grep -oFwf gone pairs && fail "pairs"

# ---- what was stored before is withdrawn: all of it, and nothing else
expect 0 "pick-answer --profile qa before"
mv out interactions
expect 0 "fs-put interactions"
[ "$(wc -l <out)" = "$total" ] || fail "not all $total were stored"
expect 0 "$withdraw"
[ "$(wc -l <out)" = $((total - living)) ] ||
  fail "$(wc -l <out) of $((total - living)) withdrawn"
[ "$(grep -cFwf kept out)" = 0 ] || fail "withdrew what stays"
expect 0 "fs-query --min-confidence 0 --limit 0"
mv out stored
holds_none stored
grep -q -e rejected stored && fail "a pair"
expect 0 "fs-put interactions"
[ -s out ] && fail "what was withdrawn came back"

# ---- and is not published
expect 0 "to-messages --include-fields post_id stored"
mv out published
holds_none published

# ---- orchestrate asks before it exports, and a version names what went
mkdir bin
ln -s "${PATH%%:*}"/* bin/
rm bin/withdraw
cat >bin/withdraw <<END
#!/bin/sh
exec "${PATH%%:*}/withdraw" --api-base http://127.0.0.1:$port --retries 0 "\$@"
END
chmod +x bin/withdraw
# version NAME OPTION...: makes it in a store of its own.
version() {
  ANSWERMILL_BIN=$PWD/bin REDDIT_CLIENT_ID=client REDDIT_CLIENT_SECRET=s3cret \
    "$TOP/scripts/orchestrate" --store sqlite:pipeline.db --profile qa \
    --min-confidence 0 --include-fields post_id --output versions \
    --dataset-version "$@" >said 2>&1 ||
    fail "orchestrate $*: status $?: $(tail -n 3 said)"
}
named() {
  python3 -c 'import json, sys
print(len(json.load(open(sys.argv[1])).get("withdrawn", [])))' \
    "versions/$1/manifest.json"
}
version v1 --threads before --withdraw never
[ "$(wc -l <versions/v1/mtg_llm_training.jsonl)" = "$total" ] ||
  fail "not all are in the first version"
[ "$(named v1)" = 0 ] || fail "withdrew without being asked to"
version v0 --skip-collector --dry-run
[ -e versions/v0 ] && fail "a dry run published"
version v2 --skip-collector
grep -oFwf gone versions/v2/mtg_llm_training.jsonl && fail "v2 has them"
grep -qFf kept versions/v2/mtg_llm_training.jsonl || fail "v2 lacks what stays"
[ "$(named v2)" = $((total - living)) ] || fail "v2 names $(named v2)"
version v3 --skip-collector
[ "$(named v3)" = 0 ] || fail "v3 names what v2 has named"
grep -q 'withdrawn' versions/v3/manifest.json || fail "v3 does not tell"
finish "takedowns hold"

#!/bin/bash
# recipes.sh - what others wrote comes in and what others read goes out, as README
# says: archives of BDFR by jq, Arctic Shift's downloads, dumps of one subreddit
# with zstd's long window, Parquet by DuckDB in front and behind.
set -u
# shellcheck source=tests/checks
. "$TOP/tests/checks"
done_of='' lacking=''
bread=$TOP/share/sample/bread.jsonl
pick-answer --profile qa "$bread" >wanted || fail "the sample"

# same WHAT THREADS: gives the interactions of the sample.
same() {
  # When a thread was retrieved is not told by all.
  pick-answer --profile qa "$2" | sed 's/,"collected_at":"[^"]*"//' >got
  sed 's/,"collected_at":"[^"]*"//' wanted | cmp -s - got ||
    fail "$1: $(diff <(cut -c -300 wanted) <(cut -c -300 got) | head -n 5)"
  done_of+=" $1"
}

# The same threads as BDFR, Pushshift and Arctic Shift have them.
python3 - "$bread" <<'END' || fail "the forms of others"
import json, os, sys
os.mkdir("archive")
posts, comments = open("posts.jsonl", "w"), open("comments.jsonl", "w")
for line in open(sys.argv[1], encoding="utf-8"):
    thread = json.loads(line)
    post = dict(thread["post"], url="https://www.reddit.com" +
                thread["post"]["permalink"], pinned=False, locked=False,
                spoiler=False)
    print(json.dumps(post), file=posts)
    of = {}
    for comment in thread["comments"]:
        print(json.dumps({k: v for k, v in comment.items() if k != "depth"}),
              file=comments)
        entry = {k: comment.get(k) for k in (
            "author", "id", "score", "subreddit", "stickied", "body",
            "distinguished", "created_utc", "parent_id")}
        entry.update(author_flair=None, submission=post["id"], replies=[],
                     is_submitter=comment["author"] == post["author"])
        of[comment["name"]] = entry
        of.get(comment["parent_id"], of.setdefault("top", {"replies": []}))[
            "replies"].append(entry)
    keys = ("title name url selftext score upvote_ratio permalink id author"
            " link_flair_text num_comments over_18 spoiler pinned locked"
            " distinguished created_utc").split()
    entry = {k: post.get(k) for k in keys}
    entry["comments"] = of.get("top", {"replies": []})["replies"]
    with open("archive/%s.json" % post["id"], "w") as file:
        json.dump(entry, file, indent=4)
END

if command -v jq >/dev/null; then
  jq -c -f "$TOP/share/recipes/bdfr.jq" archive/*.json >bdfr.jsonl || fail jq
  same BDFR bdfr.jsonl
else
  lacking+=" jq"
fi
dump-threads --submissions posts.jsonl --comments comments.jsonl >shift.jsonl ||
  fail "Arctic Shift"
same "Arctic-Shift" shift.jsonl
for kind in posts comments; do
  zstd -q --long=31 --ultra -22 $kind.jsonl -o HomeBread_$kind.zst || fail zstd
done
dump-threads --submissions HomeBread_posts.zst --comments HomeBread_comments.zst \
  --subreddit homebread >torrent.jsonl || fail "dumps of a subreddit"
same torrents torrent.jsonl

if "${PYTHON:-python3}" -c 'import duckdb' 2>/dev/null; then
  cp "$bread" threads.jsonl
  "${PYTHON:-python3}" - <<'END' || fail DuckDB
import duckdb
duckdb.sql("COPY (FROM read_json('threads.jsonl', format = 'newline_delimited',"
           " columns = {post: 'JSON', comments: 'JSON'})) TO 'threads.parquet'")
duckdb.sql("COPY (FROM 'threads.parquet') TO 'duck.jsonl' (FORMAT json)")
duckdb.sql("COPY (FROM read_json('wanted')) TO 'wanted.parquet'")
[(n, least)] = duckdb.sql("SELECT count(*), min(confidence)"
                          " FROM 'wanted.parquet'").fetchall()
assert n == sum(1 for _ in open("wanted")) and 0 < least < 1, (n, least)
END
  same DuckDB duck.jsonl
else
  lacking+=" duckdb"
fi
if [ "$lacking" ] && [ $failures = 0 ]; then
  echo "SKIPPED: what needs$lacking; the same from:$done_of"
  exit 77
fi
finish "the same from:$done_of"

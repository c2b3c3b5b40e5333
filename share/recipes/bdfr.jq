# bdfr.jq - threads from what `bdfr archive` writes, a JSON file a submission:
#
#   jq -c -f "$(answermill share)/recipes/bdfr.jq" archive/*.json > threads.jsonl
#
# BDFR leaves out the flags by which Reddit marks what is removed; a removed text
# is known by its words only. It calls the author of a deleted account DELETED.
def author: if .author == "DELETED" then "[deleted]" else .author end;

def comments($post; $depth):
  .[]
  | {id, name: "t1_\(.id)", link_id: "t3_\($post)", parent_id, author: author,
     author_flair_text: .author_flair, body, score, subreddit, stickied,
     is_submitter, distinguished, created_utc, depth: $depth},
    (.replies | comments($post; $depth + 1));

{post: (del(.comments)
        + {author: author, subreddit: (.permalink | split("/")[2]),
           is_self: (.permalink as $link | .url | endswith($link)),
           stickied: .pinned}),
 comments: [.id as $post | .comments | comments($post; 0)]}

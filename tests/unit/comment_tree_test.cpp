#include "lib/reddit/comment_tree.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace {

std::string comment(const std::string& id, const std::string& parent,
                    const std::string& others = "") {
  return R"({"kind":"t1","data":{"id":")" + id + R"(","parent_id":")" + parent +
         "\"" + others + "}}";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += ',';
    text += part;
  }
  return text;
}

std::string more(const std::string& parent, int count,
                 const std::vector<std::string>& ids) {
  std::string children = joined(ids);
  for (std::size_t i = 0; (i = children.find(',', i)) != children.npos; i += 3)
    children.replace(i, 1, "\",\"");
  if (!ids.empty()) children.insert(0, 1, '"').push_back('"');
  return R"({"kind":"more","data":{"parent_id":")" + parent + R"(","count":)" +
         std::to_string(count) + R"(,"children":[)" + children + "]}}";
}

std::string replies(const std::string& things) {
  return R"(,"replies":{"kind":"Listing","data":{"children":[)" + things +
         "]}}";
}

struct Tree {
  mill::CommentTree tree{"t3_p"};
  mill::JsonReader reader;

  void add(const std::string& things) {
    const std::string text = "[" + things + "]";
    REQUIRE(!reader.parse(text));
    tree.add(reader.root());
  }
  // The next request, as "a,b" or "_/a"; "" if there is none.
  std::string next() {
    const auto request = tree.next_request();
    if (!request) return "";
    if (request->children.empty()) return "_/" + request->comment;
    return joined(request->children);
  }
  void answer(const std::string& things) {
    add(things);
    tree.answered();
  }
  std::string written() {
    std::string text;
    mill::JsonWriter json(text);
    tree.append_comments(json);
    return text;
  }
  // The written comments as "ID:DEPTH ...".
  std::string order() {
    const std::string text = written();
    REQUIRE(!reader.parse(text));
    std::string all;
    for (const mill::JsonValue one : reader.root().elements()) {
      if (!all.empty()) all += ' ';
      all += one["id"].string();
      all += ':';
      all += std::to_string(*one["depth"].integer());
    }
    return all;
  }
};

std::vector<std::string> ids(char letter, int from, int to) {
  std::vector<std::string> all;
  for (int i = from; i < to; ++i)
    all.push_back(std::string(1, letter).append(std::to_string(1000 + i)));
  return all;
}

std::string comments(const std::vector<std::string>& of,
                     const std::string& parent) {
  std::vector<std::string> things;
  for (const std::string& id : of) things.push_back(comment(id, parent));
  return joined(things);
}

}  // namespace

TEST_CASE("comments are written depth first, as they came but for replies") {
  Tree t;
  t.add(comment("a", "t3_p",
                replies(comment("b", "t1_a", replies(comment("c", "t1_b")))) +
                    R"(,"score":1.50,"\u0065":"\/","depth":7)") +
        "," + comment("d", "t3_p", R"(,"replies":"")"));
  CHECK(t.order() == "a:0 b:1 c:2 d:0");
  CHECK(t.written().starts_with(
      R"([{"id":"a","parent_id":"t3_p","score":1.50,"\u0065":"\/","depth":0},)"));
}

TEST_CASE("flat things find their parents, those without one come last") {
  Tree t;
  t.add(comment("c", "t1_b") + "," + comment("x", "t1_gone") + "," +
        comment("y", "t1_x") + "," + comment("b", "t1_a") + "," +
        comment("a", "t3_p"));
  CHECK(t.order() == "a:0 b:1 c:2 x:1 y:2");
}

TEST_CASE("what is left out is asked for, the most first, and once") {
  Tree t;
  t.add(comment("a", "t3_p", replies(more("t1_a", 3, {"b", "c"}))) + "," +
        more("t3_p", 9, {"d", "e"}));
  CHECK(t.next() == "d,e");
  t.answer(comment("d", "t3_p") + "," + more("t3_p", 2, {"e"}));
  CHECK(t.next() == "b,c");
  t.answer(comment("b", "t1_a"));  // c is gone
  CHECK(t.next() == "e");
  t.answer(more("t3_p", 2, {"e"}));  // is not to be had
  CHECK(t.next() == "");
  t.add(more("t1_a", 1, {"c"}) + "," + more("t3_p", 1, {"d", "e"}));
  CHECK(t.next() == "");
  CHECK(t.order() == "a:0 b:1 d:0");
}

TEST_CASE("a thread that goes on is fetched from the comment above, once") {
  Tree t;
  t.add(comment("a", "t3_p", replies(more("t1_a", 0, {}))));
  CHECK(t.next() == "_/a");
  t.answer(comment("a", "t3_p", replies(comment("b", "t1_a"))) + "," +
           more("t1_a", 0, {}));
  CHECK(t.next() == "");
  CHECK(t.order() == "a:0 b:1");
}

TEST_CASE("at most a hundred ids are asked for at a time") {
  Tree t;
  t.add(more("t3_p", 250, ids('a', 0, 250)));
  CHECK(t.next() == joined(ids('a', 0, 100)));
  t.answer(comments(ids('a', 0, 100), "t3_p"));
  CHECK(t.next() == joined(ids('a', 100, 200)));
  t.answer("");
  CHECK(t.next() == joined(ids('a', 200, 250)));
}

TEST_CASE("ids that a full answer is silent about are asked for again") {
  Tree t;
  t.add(comment("a", "t3_p", replies(more("t1_a", 26, ids('b', 0, 26)))));
  CHECK(t.next() == joined(ids('b', 0, 26)));
  t.answer(comments(ids('b', 0, 19), "t1_a"));  // one of twenty was deleted
  CHECK(t.next() == joined(ids('b', 19, 26)));
  t.answer(comments(ids('b', 20, 26), "t1_a"));
  CHECK(t.next() == "");
  CHECK(t.tree.size() == 26);
}

TEST_CASE("what is no comment is counted, not guessed at") {
  Tree t;
  t.add(comment("A!", "t3_p") + R"(,{"kind":"t1","data":{"id":"b"}},)" +
        R"({"kind":"t9","data":{}},{"kind":"more","data":{}},3,)" +
        more("t3_p", 1, {"../x"}));
  CHECK(t.tree.malformed() == 6);
  CHECK(t.next() == "");
  CHECK(t.order() == "");
}

TEST_CASE("parents in a ring lose nothing") {
  Tree t;
  t.add(comment("a", "t1_b") + "," + comment("b", "t1_a"));
  CHECK(t.order() == "a:1 b:2");
}

// thread.h - a thread's post and its comments, as read from Reddit's objects.
//
//   std::string error;
//   const ThreadFields fields(thread["post"], std::nullopt,
//                             ApiEscapes::kUnknown, error);
//   const Post post = read_post(fields);
//   if (!error.empty()) ... a member is of a type that no year had ...
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/answers/profile.h"
#include "lib/base/timestamp.h"
#include "lib/json/json.h"
#include "lib/reddit/fate.h"
#include "lib/reddit/markdown.h"

namespace mill {

// The members that are read here of a post or a comment; another's name does not
// compile.
class FieldName {
 public:
  // kFateKeys, and others.
  static constexpr auto kAll = [] {
    constexpr std::string_view kOthers[] = {"author_flair_text",
                                            "author_fullname",
                                            "controversiality",
                                            "created_utc",
                                            "depth",
                                            "distinguished",
                                            "edited",
                                            "gilded",
                                            "id",
                                            "is_self",
                                            "is_submitter",
                                            "link_flair_text",
                                            "name",
                                            "over_18",
                                            "parent_id",
                                            "permalink",
                                            "retrieved_on",
                                            "retrieved_utc",
                                            "score",
                                            "score_hidden",
                                            "stickied",
                                            "subreddit",
                                            "upvote_ratio"};
    std::array<std::string_view, kFateKeys.size() + std::size(kOthers)> all;
    const auto others =
        std::copy(kFateKeys.begin(), kFateKeys.end(), all.begin());
    std::copy(std::begin(kOthers), std::end(kOthers), others);
    return all;
  }();

  // NOLINTNEXTLINE(google-explicit-constructor): written as its name.
  consteval FieldName(const char* name)
      : number_(
            static_cast<std::size_t>(std::find(std::begin(kAll), std::end(kAll),
                                               std::string_view(name)) -
                                     std::begin(kAll))) {
    if (number_ == std::size(kAll)) throw "no such name";
  }
  std::size_t number() const { return number_; }
  std::string_view text() const { return kAll[number_]; }

 private:
  std::size_t number_;
};

// Reads an object's members as leniently as twenty years of dumps require, and
// notes the first whose type no year had.
class ThreadFields {
 public:
  // object is the post, or the comment of that index; escapes the thread's.
  // error, which must outlive this, receives what is wrong with the first bad
  // member.
  ThreadFields(JsonValue object, std::optional<std::size_t> comment,
               ApiEscapes escapes, std::string& error);

  JsonValue operator[](FieldName key) const { return members_[key.number()]; }

  // A string; "" where it is absent or null.
  std::string text(FieldName key) const;
  // The same as its writer typed it (markdown.h).
  std::string prose(FieldName key) const {
    return clean_text(text(key), escapes_);
  }
  std::string title() const { return clean_title(text("title"), escapes_); }
  // A number, or a string that is one; nothing where it is absent or null.
  std::optional<double> number(FieldName key) const;
  bool is_true(FieldName key) const;
  Fate fate() const { return signs_.fate(); }
  std::optional<Timestamp> time(FieldName key) const;
  // The fullname, or one made from the id if the year had none.
  std::string fullname(std::string_view kind) const;

 private:
  void complain(FieldName key, std::string_view wanted, JsonValue value) const;

  std::array<JsonValue, FieldName::kAll.size()> members_;
  FateSigns signs_;
  std::optional<std::size_t> comment_;  // its index; none: the post
  ApiEscapes escapes_;
  std::string& error_;
};

// Who wrote a post or comment. Kept only while the thread is looked at, and
// never written.
struct Author {
  std::string name;      // lower case; empty if gone
  std::string fullname;  // may be empty

  explicit Author(const ThreadFields& fields);
  bool is(const Author& other) const {
    return (!name.empty() && name == other.name) ||
           (!fullname.empty() && fullname == other.fullname);
  }
};

// A post; texts are cleaned (markdown.h).
struct Post {
  std::string name;
  Author author;
  Subject title = {}, text = {}, question = {}, flair = {}, subreddit = {};
  std::string source_url = {};  // empty if unknown
  bool is_picture = false;      // text was nothing but pictures, or a poll
  double upvote_ratio = 0;      // 0 if unknown
  std::optional<Timestamp> created = {}, collected = {};
};

// A comment that may be the answer.
struct Candidate {
  std::string name;
  Author author;
  Subject answer = {};
  std::int64_t score = 0;
  std::int64_t created = 0;  // seconds; 0 if unknown
  std::uint64_t length = 0;  // code points
  bool is_known_judge = false;
  bool has_judge_flair = false;
  bool is_asker_thankful = false;
  bool is_asker_confirmed = false;
  bool is_corrected = false;
  bool is_controversial = false;
  bool is_distinguished = false;
  bool is_gilded = false;
  // Among the candidates: 1 plus how many are older; how many there are; its
  // score minus the best of the others'.
  std::size_t place = 1, of = 1;
  std::int64_t lead = 0;
  std::vector<std::string> rules = {};
  Hundredths choice = 0;
  // The values of the profile's text_signals, as far as they have been read.
  mutable std::vector<std::optional<double>> text_signals = {};
};

Post read_post(const ThreadFields& fields);

}  // namespace mill

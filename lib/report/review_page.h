// review_page.h - records as a page in which a person marks them.
//
//   mill::ReviewPage page;
//   if (const auto why = page.add(record)) ... it cannot be reviewed ...
//   page.add_mark(R"({"id": "1", "mark": "good"})");
//   out.write(page.html());
//
// One file that loads nothing: share/review/ holds its HTML, style and script.
// A policy in the page lets no other script run, and the texts of records are
// data, which the script shows as text.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/json/json.h"

namespace mill {

class ReviewPage {
 public:
  // Adds an interaction or an example in any format. The answer of the first
  // record with an id is the one to judge; the others' answers, and those that
  // they were preferred to, are alternatives. Returns what is wrong with a
  // record without an id, a question or an answer.
  std::optional<std::string> add(JsonValue record);

  // A mark that was given before, as a line.
  void add_mark(std::string_view line);

  std::string html() const;

 private:
  struct Answer {
    std::string id, text;
  };
  struct Record {
    std::string id, source, question;
    std::vector<Answer> answers;
  };
  void add_answer(Record& record, std::string id, std::string text);
  std::string data() const;

  std::vector<Record> records_;
  std::map<std::string, std::size_t> places_;  // of ids in records_
  std::string marks_;
};

}  // namespace mill

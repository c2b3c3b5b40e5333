// review_page.h - records as a page in which a person marks them.
//
//   mill::ReviewPage page;
//   if (const auto why = page.add(record)) ... it cannot be reviewed ...
//   page.add_marks(R"({"id": "1", "mark": "good"})");
//   out.write(page.html());
//
// One file that loads nothing: share/review/ holds its elements, its looks and
// what it does. A policy in the page lets no other script run, and the texts of
// records are data that the script shows as text.
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
  // record of an id is the one to judge; the others' and those that they were
  // preferred to are what could have been chosen. Says what is wrong with a
  // record that has no id, no question or no answer.
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

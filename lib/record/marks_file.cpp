#include "lib/record/marks_file.h"

#include "lib/record/example.h"
#include "lib/record/record_text.h"

namespace mill {

void add_mark(Marks& marks, JsonValue row, const LineOfFile& line) {
  if (!row["id"].is_string() ||
      !(row["mark"].is_string() || row["mark"].is_null()))
    line.fail("no mark: id and mark are strings");
  if (row["mark"].is_null()) return;
  const std::string mark = row["mark"].string();
  if (mark != "good" && mark != "bad" && mark != "unsure")
    line.fail("mark: '" + mark + "' is not one of good, bad, unsure");
  marks[{row["id"].string(), row["answer_id"].string_or_empty()}] = mark;
}

Marks read_marks(const std::string& path) {
  Marks marks;
  for_each_object(path, [&](JsonValue row, const LineOfFile& line) {
    add_mark(marks, row, line);
  });
  return marks;
}

Marks agreed(const std::vector<Marks>& readers) {
  Marks agreed;
  for (const Marks& reader : readers)
    for (const auto& [key, mark] : reader) {
      const auto [found, is_new] = agreed.emplace(key, mark);
      if (!is_new && found->second != mark) found->second = "unsure";
    }
  std::erase_if(agreed,
                [](const auto& entry) { return entry.second == "unsure"; });
  return agreed;
}

Marks::const_iterator find_mark(const Marks& marks, JsonValue record) {
  if (marks.empty()) return marks.end();
  const std::string id = record_id(record);
  const JsonValue answer = record_value(record, "answer_id");
  auto mark = marks.end();
  if (answer.is_string()) mark = marks.find({id, answer.string()});
  return mark != marks.end() ? mark : marks.find({id, ""});
}

}  // namespace mill

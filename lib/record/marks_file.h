// marks_file.h - what people who read records say of them.
//
//   const mill::Marks marks = mill::agreed({mill::read_marks("a.jsonl"),
//                                           mill::read_marks("b.jsonl")});
//   const auto mark = mill::find_mark(marks, record);
//   if (mark != marks.end()) ... mark->second is "good" or "bad" ...
//
// A mark is a line {"id": ID, "mark": "good" | "bad" | "unsure"}, as review
// gives them; with answer_id it is of that answer only, so that a mark does not
// pass on to another answer that a changed profile chooses. A line whose mark
// is null has none yet. Other members are not read.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/json/json.h"
#include "lib/json/json_file.h"

namespace mill {

// By the record's id and the answer's; the latter may be empty.
using MarkKey = std::pair<std::string, std::string>;
using Marks = std::map<MarkKey, std::string>;

// Adds the line's mark, in the place of one of the same key. Throws
// Exit(EX_DATAERR) if it is none.
void add_mark(Marks& marks, JsonValue row, const LineOfFile& line);

// A reader's marks. Throws Exit: EX_NOINPUT, or EX_DATAERR as add_mark().
Marks read_marks(const std::string& path);

// What all readers who were sure say of each record, where they say the same.
Marks agreed(const std::vector<Marks>& readers);

// The mark of the record's answer, else that of the record.
Marks::const_iterator find_mark(const Marks& marks, JsonValue record);

}  // namespace mill

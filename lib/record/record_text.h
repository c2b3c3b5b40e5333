// record_text.h - what an interaction or an example says, for comparing, and
// what it is called.
#pragma once

#include <string>
#include <string_view>

#include "lib/json/json.h"

namespace mill {

// Appends to out the texts of a record that are compared with other records',
// a newline behind each: an interaction's question and answer; an example's
// user and assistant messages, in any of the formats that to-messages writes;
// of a pair of answers both. So an interaction and the example made from it say
// the same. Where field is not empty, that field alone, dots descending: a
// string's text or a number's spelling. False if the record has none of these.
bool append_record_text(std::string& out, JsonValue record,
                        std::string_view field = {});

// An example's or an interaction's own value of that name: metadata.NAME, else
// NAME (or the collector's name for it); null counts as missing.
JsonValue record_value(JsonValue record, std::string_view name);

// A record's id, a string's text or a number's spelling; empty if it has none.
std::string record_id(JsonValue record);

// What is asked: an interaction's question, or the first of an example's user
// messages; empty if there is none.
std::string record_question(JsonValue record);

}  // namespace mill

// record_text.h - what an interaction or an example says, for comparing.
#pragma once

#include <string>
#include <string_view>

#include "lib/json.h"

namespace mill {

// Appends to out the texts of a record that are compared with other records',
// a newline behind each: an interaction's question and answer; an example's
// user and assistant messages, in any of the formats that to-messages writes.
// So an interaction and the example made from it say the same. Where field is
// not empty, that field's text alone, dots descending. False if the record has
// no such text.
bool append_record_text(std::string& out, JsonValue record,
                        std::string_view field = {});

}  // namespace mill

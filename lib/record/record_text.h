// record_text.h - what an interaction or an example says, for comparing.
#pragma once

#include <string>
#include <string_view>

#include "lib/json/json.h"

namespace mill {

// Appends to out the texts of a record that are compared with other records', a
// newline after each: an interaction's question and answer; the user's and the
// assistant's turns of an example in any format; of a pair of answers both. So
// an interaction and the example made from it give the same. If field is not
// empty, that field alone (dots descend): a string's text or a number's
// spelling; "question" is what is asked first, in every format. False if the
// record has none of these.
bool append_record_text(std::string& out, JsonValue record,
                        std::string_view field = {});

// An example's or an interaction's own value of that name: metadata.NAME, else
// NAME (or the collector's name for it); null counts as missing.
JsonValue record_value(JsonValue record, std::string_view name);

}  // namespace mill

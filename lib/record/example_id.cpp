// Apart from example.cpp: OpenSSL, which this needs, takes a millisecond to load.
#include "lib/base/sha256.h"
#include "lib/record/example.h"

namespace mill {

std::string example_id(JsonValue example) {
  std::string id = record_id(example);
  if (!id.empty()) return id;
  std::string scratch;
  const auto question = question_of(example, scratch);
  return question && !question->empty() ? hex(sha256(*question)) : "";
}

}  // namespace mill

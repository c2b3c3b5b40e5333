// outcome.h - what becomes of one record, and the function that decides it.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "lib/json/json.h"

namespace mill {

// What a core decided about one record.
struct Outcome {
  enum Kind {
    kKeep,     // write the line as it came in
    kReplace,  // write what the core put out: whole lines
    kDrop,     // write nothing, and count the reason
    kBad,      // report the reason and treat the line as a bad record
  } kind;
  std::string reason = {};

  static Outcome keep() { return {kKeep}; }
  static Outcome replace() { return {kReplace}; }
  static Outcome drop(std::string why) { return {kDrop, std::move(why)}; }
  static Outcome bad(std::string why) { return {kBad, std::move(why)}; }
};

// One record in, an outcome and for kReplace the bytes appended to out. The
// record is an object and valid during the call.
using Core = std::function<Outcome(JsonValue record, std::string& out)>;

}  // namespace mill

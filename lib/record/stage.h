// stage.h - what becomes of one record, and the function that decides it.
//
//   mill::Outcome keep_short(mill::JsonValue record, std::string& out);
//   mill::Outcome trim(const mill::Record& record, std::string& out);
//
// Both are Stages: one that needs the JSON alone takes just that. A stage does
// no I/O, so that a program, a test, a fuzzer and a benchmark run the same one;
// lib/cli/record_loop.h makes a program of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "lib/json/json.h"

namespace mill {

// One record, as a stage sees it; valid during the call.
struct Record {
  JsonValue json;         // an object
  std::string_view line;  // the bytes that json was read from, no newline

  operator JsonValue() const { return json; }
};

// What a stage decided about one record.
struct Outcome {
  enum Kind {
    kKeep,     // write the line as it came in
    kReplace,  // write what the stage put out: whole lines
    kDrop,     // write nothing, and count the reason
    kBad,      // report the reason and treat the line as a bad record
    kTaken,    // write nothing: the stage holds the record and accounts for it
  } kind;
  std::string reason = {};

  static Outcome keep() { return {kKeep}; }
  static Outcome replace() { return {kReplace}; }
  static Outcome drop(std::string why) { return {kDrop, std::move(why)}; }
  static Outcome bad(std::string why) { return {kBad, std::move(why)}; }
  static Outcome taken() { return {kTaken}; }
};

// One record in, an outcome and for kReplace the bytes appended to out.
using Stage = std::function<Outcome(const Record& record, std::string& out)>;

// Runs stage on one record. What it throws makes the record bad, with the
// exception's message as the reason; but Exit, which ends a program, and
// std::bad_alloc, which is about the machine and not the record, pass through.
Outcome run_stage(const Stage& stage, const Record& record, std::string& out);

}  // namespace mill

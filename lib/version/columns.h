// columns.h - the type of a data set's columns, learned from its values.
//
//   mill::ColumnType row;
//   for (mill::JsonValue record : ...) row.add(record);
//   row.kind;                   // kStruct
//   row.members[0].first;       // "messages"
//
// The types that a reader of JSON Lines that wants one type a column, such as
// Arrow, will find: null fits every type, whole numbers and fractions mix, and
// so do times and other strings; any other mixture is kMixed. Arrow takes
// strings that are all times for times, whatever its user wants.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lib/json/json.h"

namespace mill {

struct ColumnType {
  enum Kind {
    kNull,  // no value so far
    kBool,
    kInteger,  // all fit 64 bits
    kFloat,
    kString,
    kTime,    // strings that are all times, as RFC 3339 writes them
    kList,    // members[0] is the type of its elements, if it had any
    kStruct,  // members by name, in order of first appearance
    kMixed,
  };

  Kind kind = kNull;
  std::vector<std::pair<std::string, ColumnType>> members = {};

  void add(JsonValue value);
  // The member of that name; null if there is none.
  const ColumnType* find(std::string_view name) const;
  // The type of a list's elements.
  ColumnType element() const {
    return members.empty() ? ColumnType{} : members[0].second;
  }
  // True if no kMixed is in it.
  bool is_plain() const;
};

}  // namespace mill

// profile_item.h - a value of a profile, read or refused by name; for those who
// read profiles.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/exit.h"
#include "lib/json/json.h"

namespace mill {

// A value together with the path that leads to it, which messages name. What is
// read is refused by Exit(EX_CONFIG) if it is of another type or out of range.
struct ProfileItem {
  JsonValue value;
  std::string path;
  std::string_view source;

  [[noreturn]] void fail(std::string_view what) const {
    throw Exit(EX_CONFIG, std::string(source) + ": " +
                              (path.empty() ? "" : path + ": ") +
                              std::string(what));
  }
  void want(JsonKind kind) const {
    if (value.kind() != kind) fail(mismatch(describe(kind), value));
  }

  std::string text() const {
    want(JsonKind::kString);
    return value.string();
  }
  bool truth() const {
    if (!value.is_bool())
      fail("not true or false but " + std::string(describe(value.kind())));
    return value.is_true();
  }
  double number() const {
    want(JsonKind::kNumber);
    const double number = *value.number();
    if (!(std::abs(number) <= 1e9)) fail("too large a number");
    return number;
  }
  std::int64_t integer() const {
    const auto read = value.integer();
    if (!read) fail("not a whole number");
    return *read;
  }
  std::int64_t hundredths() const {
    const double wanted = number() * 100;
    if (!(std::abs(wanted) < 1e9) ||
        std::abs(wanted - std::round(wanted)) > 1e-6)
      fail("not a number of whole hundredths");
    return std::llround(wanted);
  }
  // One of names, as its index.
  template <std::size_t size>
  std::size_t one_of(const std::array<std::string_view, size>& names) const {
    const std::string name = text();
    for (std::size_t i = 0; i < size; ++i)
      if (names[i] == name) return i;
    std::string choices;
    for (const std::string_view choice : names)
      choices += (choices.empty() ? "" : ", ") + std::string(choice);
    fail("'" + name + "' is not one of " + choices);
  }

  using Readers =
      std::map<std::string, std::function<void(const ProfileItem&)>>;
  // Reads an object's members, each by the reader of its name.
  void members(const Readers& readers) const {
    want(JsonKind::kObject);
    for (const JsonValue::Member member : value.members()) {
      const std::string key = member.key.string();
      const ProfileItem item{member.value,
                             path.empty() ? key : path + "." + key, source};
      const auto reader = readers.find(key);
      if (reader == readers.end()) item.fail("unknown key");
      reader->second(item);
    }
  }
  void elements(const std::function<void(const ProfileItem&)>& read) const {
    want(JsonKind::kArray);
    std::size_t index = 0;
    for (const JsonValue element : value.elements())
      read({element, path + "[" + std::to_string(index++) + "]", source});
  }
};

}  // namespace mill

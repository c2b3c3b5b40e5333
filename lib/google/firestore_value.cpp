#include "lib/google/firestore_value.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "lib/base/numbers.h"
#include "lib/json/json_writer.h"

namespace mill {

namespace {

constexpr std::size_t kMaxString = (1 << 20) - 89;  // bytes
constexpr std::size_t kMaxName = 1500;              // bytes of a field's name
constexpr int kMaxDepth = 20;

// Thrown inside encode_fields(): why Firestore would not take a value.
struct Refusal {
  std::string why;
};

class Encoder {
 public:
  Encoder(const TimeField& time_field, FirestoreFields& fields)
      : time_field_(time_field), out_(fields.json), size_(fields.size) {}

  void object(JsonValue object, int depth) {
    std::map<std::string, JsonValue> members;  // of duplicate keys the last
    for (const auto& [key, value] : object.members())
      members.insert_or_assign(key.string(), value);
    out_ += '{';
    for (const auto& [name, value] : members) {
      check_name(name);
      if (out_.back() != '{') out_ += ',';
      out_.append(json_string(name)).append(":");
      size_ += name.size() + 1;
      const auto time = depth == 0 && value.is_string()
                            ? time_field_(name, value.string(scratch_))
                            : std::nullopt;
      if (time) {
        out_.append(R"({"timestampValue":")")
            .append(format_timestamp(*time))
            .append("\"}");
        size_ += 8;
      } else {
        append(value, depth);
      }
    }
    out_ += '}';
  }

 private:
  static void check_name(const std::string& name) {
    if (name.empty()) throw Refusal{"has a field without a name"};
    if (name.size() > kMaxName)
      throw Refusal{"has a field's name of more than 1500 bytes"};
    if (name.size() >= 4 && name.starts_with("__") && name.ends_with("__"))
      throw Refusal{"has a field with a reserved name, __...__"};
  }

  void append(JsonValue value, int depth) {
    switch (value.kind()) {
      case JsonKind::kString: string(value); break;
      case JsonKind::kNumber: number(value); break;
      case JsonKind::kArray: array(value, depth + 1); break;
      case JsonKind::kObject:
        check_depth(depth + 1);
        out_ += R"({"mapValue":{"fields":)";
        object(value, depth + 1);
        out_ += "}}";
        break;
      case JsonKind::kTrue:
      case JsonKind::kFalse:
        out_.append(R"({"booleanValue":)").append(value.raw()).append("}");
        size_ += 1;
        break;
      default: out_ += R"({"nullValue":null})"; size_ += 1;
    }
  }

  void string(JsonValue value) {
    const std::size_t size = value.is_escaped() ? value.string(scratch_).size()
                                                : value.raw_string().size();
    if (size > kMaxString)
      throw Refusal{"has a string of more than 1048487 bytes"};
    out_.append(R"({"stringValue":)").append(value.raw()).append("}");
    size_ += size + 1;
  }

  void number(JsonValue value) {
    const std::string_view raw = value.raw();
    if (parse_number<std::int64_t>(raw)) {
      out_.append(R"({"integerValue":")").append(raw).append("\"}");
    } else {
      if (!std::isfinite(*value.number()))
        throw Refusal{"has a number that is too large"};
      out_.append(R"({"doubleValue":)").append(raw).append("}");
    }
    size_ += 8;
  }

  void array(JsonValue value, int depth) {
    check_depth(depth);
    out_ += R"({"arrayValue":{"values":[)";
    for (const JsonValue element : value.elements()) {
      if (element.is_array()) throw Refusal{"has an array within an array"};
      if (out_.back() != '[') out_ += ',';
      append(element, depth);
    }
    out_ += "]}}";
  }

  static void check_depth(int depth) {
    if (depth > kMaxDepth) throw Refusal{"is nested deeper than 20 levels"};
  }

  const TimeField& time_field_;
  std::string& out_;
  std::size_t& size_;
  std::string scratch_;
};

using NamedValues = std::vector<std::pair<std::string, JsonValue>>;

void append_members(std::string& out, NamedValues& members) {
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [name, value] : members) {
    if (out.back() != '{') out += ',';
    out.append(json_string(name)).append(":");
    append_value(out, value);
  }
}

void append_double(std::string& out, JsonValue value) {
  const auto number = value.number();  // none: "NaN" or an infinity, a string
  if (!number || !std::isfinite(*number)) {
    out += "null";
    return;
  }
  JsonWriter(out).value(*number);
}

void append_array(std::string& out, JsonValue elements) {
  out += '[';
  for (const JsonValue element : elements.elements()) {
    if (out.back() != '[') out += ',';
    append_value(out, element);
  }
  out += ']';
}

}  // namespace

std::optional<std::string> encode_fields(JsonValue object,
                                         const TimeField& time_field,
                                         FirestoreFields& fields) {
  try {
    Encoder(time_field, fields).object(object, 0);
  } catch (const Refusal& refusal) {
    return refusal.why;
  }
  return std::nullopt;
}

void append_value(std::string& out, JsonValue value) {
  for (const auto& [key, inner] : value.members()) {
    const std::string_view type = key.raw_string();
    if (type == "stringValue" || type == "booleanValue" ||
        type == "bytesValue" || type == "referenceValue") {
      out += inner.raw();
    } else if (type == "integerValue") {
      out += inner.is_string() ? inner.raw_string() : inner.raw();
    } else if (type == "doubleValue") {
      append_double(out, inner);
    } else if (type == "timestampValue") {
      const auto time = parse_timestamp(inner.raw_string());
      out += time ? json_string(format_timestamp(*time)) : inner.raw();
    } else if (type == "arrayValue") {
      append_array(out, inner["values"]);
    } else if (type == "mapValue") {
      NamedValues members;
      for (const auto& [name, member] : inner["fields"].members())
        members.emplace_back(name.string(), member);
      out += '{';
      append_members(out, members);
      out += '}';
    } else if (type == "geoPointValue") {
      out += R"({"latitude":)";
      inner["latitude"] ? append_double(out, inner["latitude"])
                        : void(out += "0.0");
      out += R"(,"longitude":)";
      inner["longitude"] ? append_double(out, inner["longitude"])
                         : void(out += "0.0");
      out += '}';
    } else {
      out += "null";
    }
    return;
  }
  out += "null";
}

std::string decode_fields(JsonValue fields,
                          std::span<const std::string_view> first,
                          std::string_view left_out, const Renamed& renamed) {
  std::vector<JsonValue> leading(first.size());
  NamedValues others;
  for (const auto& [key, value] : fields.members()) {
    std::string name = key.string();
    if (name == left_out || name == renamed.to) continue;
    if (name == renamed.from) name = renamed.to;
    const auto place = std::find(first.begin(), first.end(), name);
    if (place == first.end())
      others.emplace_back(std::move(name), value);
    else
      leading[static_cast<std::size_t>(place - first.begin())] = value;
  }
  std::string out = "{";
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (!leading[i]) continue;
    if (out.back() != '{') out += ',';
    out.append(json_string(first[i])).append(":");
    append_value(out, leading[i]);
  }
  append_members(out, others);
  return out + "}";
}

std::optional<double> value_number(JsonValue value) {
  if (const JsonValue number = value["doubleValue"]) return number.number();
  const JsonValue whole = value["integerValue"];
  if (!whole.is_string()) return whole.number();
  return static_cast<double>(
      parse_number<std::int64_t>(whole.raw_string()).value_or(0));
}

std::size_t document_size(std::string_view collection, std::string_view id,
                          std::size_t fields_size) {
  const std::size_t name = collection.size() + 1 + id.size() + 1 + 16;
  return name + fields_size + 32;
}

}  // namespace mill

#include "lib/version/run_accounts.h"

#include <algorithm>
#include <cmath>

#include "lib/json/json_writer.h"
#include "lib/version/stages.h"

namespace mill {

namespace {

constexpr std::string_view kSeconds = "seconds";

// The value called name in list, a new one at its end if there is none.
template <typename List, typename Name>
auto& named(List& list, const Name& name) {
  const auto found =
      std::find_if(list.begin(), list.end(),
                   [&](const auto& item) { return item.first == name; });
  if (found != list.end()) return found->second;
  return list.emplace_back(name, typename List::value_type::second_type{})
      .second;
}

}  // namespace

bool is_account(JsonValue account) {
  return account["tool"].is_string() && account["version"].is_string();
}

void RunAccounts::add(JsonValue account) {
  Account& sum = named(accounts_, std::pair(account["tool"].string(),
                                            account["version"].string()));
  for (const auto& [key, value] : account.members()) {
    const std::string name = key.string();
    const std::size_t before = sum.size();
    Value& there = named(sum, name);
    const bool is_new = sum.size() > before;
    if (value.is_object()) {
      if (is_new) there = Counts();
      if (auto* counts = std::get_if<Counts>(&there))
        for (const auto& [reason, count] : value.members())
          (*counts)[reason.string()] += count_of(count);
    } else if (name == kSeconds) {
      if (is_new) there = 0.0;
      if (auto* seconds = std::get_if<double>(&there))
        *seconds += value.number().value_or(0);
    } else if (value.integer().value_or(-1) >= 0) {
      if (auto* count = std::get_if<std::uint64_t>(&there))
        *count += count_of(value);
    } else if (is_new) {
      there = std::string(value.raw());
    }
  }
}

std::vector<RunAccounts::Sum> RunAccounts::sums() const {
  std::vector<Sum> sums;
  for (const auto& [tool, account] : accounts_) {
    Sum& sum = sums.emplace_back(Sum{tool.first, 0, 0, ""});
    JsonWriter json(sum.json);
    json.begin_object();
    for (const auto& [name, value] : account) {
      if (const auto* count = std::get_if<std::uint64_t>(&value)) {
        json.member(name, *count);
        if (name == "records_read") sum.records_read = *count;
        if (name == "bad") sum.bad = *count;
      } else if (const auto* seconds = std::get_if<double>(&value)) {
        json.member(name, std::round(*seconds * 1e6) / 1e6);
      } else if (const auto* counts = std::get_if<Counts>(&value)) {
        json.key(name);
        json.begin_object();
        for (const auto& [reason, number] : *counts)
          json.member(reason, number);
        json.end_object();
      } else {
        json.raw_member(name, std::get<std::string>(value));
      }
    }
    json.end_object();
  }
  return sums;
}

}  // namespace mill

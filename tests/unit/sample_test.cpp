#include "lib/examples/sample.h"

#include <string>
#include <vector>

#include "tests/unit/catch.h"

namespace {

std::vector<std::string> sample_of(std::uint64_t size,
                                   const std::vector<std::string>& keys) {
  mill::Sample sample(size, 42);
  for (std::size_t i = 0; i < keys.size(); ++i)
    sample.offer(keys[i], "test", i + 1, keys[i] + "@" + std::to_string(i));
  std::vector<std::string> texts;
  for (const auto& record : sample.take()) texts.push_back(record.text);
  return texts;
}

}  // namespace

TEST_CASE("Sample gives its choice in the order of the offers") {
  using Texts = std::vector<std::string>;
  CHECK(sample_of(0, {"a", "b"}).empty());
  CHECK(sample_of(3, {"b", "a"}) == Texts{"b@0", "a@1"});
  const Texts two = sample_of(2, {"a", "b", "c", "d", "e"});
  REQUIRE(two.size() == 2);
  CHECK(two[0].back() < two[1].back());
}

TEST_CASE("Sample keeps the first of records with the same key") {
  CHECK(sample_of(1, {"a", "a", "a"}) == std::vector<std::string>{"a@0"});
}

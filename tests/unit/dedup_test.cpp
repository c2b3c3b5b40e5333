#include "lib/examples/dedup.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>
#include <string>

#include "tests/unit/catch.h"

using mill::Dedup;
using mill::RepeatKind;

namespace {

struct Input {
  std::string text;
  mill::RecordRank rank = {};
  std::string record = {};
  mill::RecordRank its() const {
    mill::RecordRank its = rank;
    its.record = record;
    return its;
  }
};

std::vector<mill::Repeat> repeats_of(const std::vector<Input>& inputs,
                                     double near = 0.8) {
  Dedup dedup(near);
  for (const Input& input : inputs) dedup.add(input.text, input.its());
  return dedup.repeats();
}

const std::string kText = "What happens if both creatures die at the same time";

// Texts in families: each member is another with a few words changed.
std::vector<Input> families(std::mt19937& random) {
  std::vector<Input> inputs;
  for (int family = 0; family < 60; ++family) {
    std::vector<std::string> words(20 + random() % 40);
    for (std::string& word : words) word = std::to_string(random() % 4000);
    for (std::size_t member = random() % 6; member-- > 0;) {
      for (std::size_t i = random() % 4; i-- > 0;)
        words[random() % words.size()] = std::to_string(random() % 4000);
      std::string text;
      for (const std::string& word : words) text += word + " ";
      // Confidences that differ, so that order decides nothing.
      inputs.push_back(
          {text, {.confidence = static_cast<std::int64_t>(inputs.size())}});
      if (random() % 4 == 0)
        inputs.push_back(
            {text, {.confidence = static_cast<std::int64_t>(inputs.size())}});
    }
  }
  return inputs;
}

}  // namespace

TEST_CASE("Dedup tells the three kinds of repetition apart") {
  const auto repeats = repeats_of({{kText, {.confidence = 9}},
                                   {kText, {.confidence = 8}},
                                   {kText + "?", {.confidence = 7}},
                                   {kText + " now", {.confidence = 6}},
                                   {"Something else entirely"},
                                   {kText}});
  REQUIRE(repeats.size() == 4);
  const RepeatKind kinds[] = {RepeatKind::kExact, RepeatKind::kNormalized,
                              RepeatKind::kNear, RepeatKind::kExact};
  const std::uint32_t numbers[] = {1, 2, 3, 5};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(repeats[i].kind == kinds[i]);
    CHECK(repeats[i].number == numbers[i]);
    CHECK(repeats[i].of == 0);
    CHECK((repeats[i].similarity == 1) == (i != 2));
  }
}

TEST_CASE("near 1 finds exact repetitions only") {
  const auto repeats = repeats_of({{kText}, {kText + "?"}, {kText}}, 1);
  REQUIRE(repeats.size() == 1);
  CHECK(repeats[0].number == 2);
}

TEST_CASE("texts without words repeat each other only byte for byte") {
  const auto repeats = repeats_of({{""}, {"?"}, {""}, {"!"}, {"?"}});
  REQUIRE(repeats.size() == 2);
  CHECK(repeats[0].number == 2);
  CHECK(repeats[0].of == 0);
  CHECK(repeats[1].number == 4);
  CHECK(repeats[1].of == 1);
}

TEST_CASE("the best is kept") {
  const struct {
    const char* what;
    std::vector<mill::RecordRank> ranks;
    std::uint32_t kept;
  } cases[] = {
      {"the highest confidence",
       {{.confidence = 5}, {.confidence = 7}, {.confidence = 6}},
       1},
      {"of equals the earliest",
       {{.confidence = 5, .time = 9},
        {.confidence = 5, .time = 7},
        {.confidence = 4, .time = 1}},
       1},
      {"of these the lesser id", {{.id = "b"}, {.id = "a"}, {.id = "aa"}}, 1},
      {"of these the shorter",
       {{.record = "333"}, {.record = "22"}, {.record = "111"}},
       1},
      {"one with a confidence", {{}, {.confidence = 0}, {}}, 1},
      {"one with a time", {{}, {}, {.time = 5}}, 2},
      {"a published one",
       {{.confidence = 9}, {.is_published = true}, {.confidence = 9}},
       1},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    std::vector<Input> inputs;
    for (const auto& rank : c.ranks)
      inputs.push_back({kText + std::string(inputs.size(), '!'), rank,
                        std::string(rank.record)});
    const auto repeats = repeats_of(inputs);
    REQUIRE(repeats.size() == 2);
    for (const auto& repeat : repeats) CHECK(repeat.of == c.kept);
  }
}

TEST_CASE("published records stay, even if they repeat each other") {
  const mill::RecordRank published{.is_published = true};
  const auto repeats =
      repeats_of({{kText, published}, {kText, published}, {kText}});
  REQUIRE(repeats.size() == 1);
  CHECK(repeats[0].number == 2);
  CHECK(repeats[0].of == 0);
}

TEST_CASE("a repetition of what was removed names what is kept") {
  // The third has the text of the second, which goes because of the first.
  const auto repeats = repeats_of({{kText, {.confidence = 9}},
                                   {kText + " now", {.confidence = 8}},
                                   {kText + " now", {.confidence = 7}}});
  REQUIRE(repeats.size() == 2);
  CHECK(repeats[1].of == 0);
  CHECK(repeats[1].kind == RepeatKind::kNear);
}

TEST_CASE("no chain leads from what is removed to what is kept") {
  // Each text differs from the one before it by one word in ten.
  std::vector<Input> inputs;
  std::vector<std::string> words(10, "");
  for (std::size_t i = 0; i < 10; ++i)
    words[i] = {'w', static_cast<char>('a' + i)};
  for (std::size_t i = 0; i <= 10; ++i) {
    std::string text;
    for (const std::string& word : words) text += word + " ";
    inputs.push_back({text});
    if (i < 10) words[i] = {'o', static_cast<char>('a' + i)};
  }
  const auto repeats = repeats_of(inputs);
  CHECK(!repeats.empty());
  CHECK(repeats.size() < 10);
  Dedup dedup(0.8);
  for (const Input& input : inputs) dedup.add(input.text, {});
  const auto clusters = dedup.clusters();
  CHECK(std::count(clusters.begin(), clusters.end(), clusters[0]) == 11);
}

TEST_CASE("what is kept repeats nothing, and each removed repeats one kept") {
  std::mt19937 random(3);
  const auto inputs = families(random);
  const auto repeats = repeats_of(inputs);
  CHECK(repeats.size() > 50);
  std::set<std::uint32_t> removed;
  for (const auto& repeat : repeats) removed.insert(repeat.number);
  for (const auto& repeat : repeats) CHECK(removed.count(repeat.of) == 0);
  std::vector<Input> kept;
  for (std::uint32_t i = 0; i < inputs.size(); ++i)
    if (!removed.count(i)) kept.push_back(inputs[i]);
  CHECK(repeats_of(kept).empty());
}

TEST_CASE("the order of the input changes nothing where ranks differ") {
  std::mt19937 random(4);
  const auto inputs = families(random);
  const auto number = [](std::size_t i) {
    return static_cast<std::uint32_t>(i);
  };
  Dedup in_order(0.8);
  for (const Input& input : inputs) in_order.add(input.text, input.its());
  const auto clusters = in_order.clusters();
  std::map<std::uint32_t, std::uint32_t> kept_for;
  for (const auto& repeat : repeats_of(inputs))
    kept_for[repeat.number] = repeat.of;
  CHECK(kept_for.size() > 50);

  std::vector<std::uint32_t> shuffled(inputs.size());
  std::iota(shuffled.begin(), shuffled.end(), 0U);
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  std::vector<Input> again;
  for (const std::uint32_t i : shuffled) again.push_back(inputs[i]);
  for (const auto& repeat : repeats_of(again)) {
    const auto found = kept_for.find(shuffled[repeat.number]);
    REQUIRE(found != kept_for.end());
    CHECK(found->second == shuffled[repeat.of]);
    kept_for.erase(found);
  }
  CHECK(kept_for.empty());

  Dedup dedup(0.8);
  for (const Input& input : again) dedup.add(input.text, input.its());
  const auto other_clusters = dedup.clusters();
  for (std::size_t i = 0; i < again.size(); ++i)
    CHECK(shuffled[other_clusters[i]] == clusters[shuffled[number(i)]]);
}

TEST_CASE("where ranks are equal, the order of the input changes nothing") {
  std::mt19937 random(5);
  auto inputs = families(random);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    inputs[i].rank = {};
    inputs[i].record = inputs[i].text + std::to_string(i);
  }
  const auto kept_of = [](const std::vector<Input>& all) {
    std::set<std::string> kept;
    for (const Input& input : all) kept.insert(input.record);
    for (const auto& repeat : repeats_of(all))
      kept.erase(all[repeat.number].record);
    return kept;
  };
  const auto kept = kept_of(inputs);
  CHECK(kept.size() < inputs.size() - 50);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(inputs.begin(), inputs.end(), random);
    CHECK(kept_of(inputs) == kept);
  }
}

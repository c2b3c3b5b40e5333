#include "lib/tokens/tokenizer.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/base/base64.h"
#include "lib/base/hash.h"
#include "lib/json/json.h"
#include "tests/unit/catch.h"
#include "tests/unit/top_folder.h"

namespace {

using Ids = std::vector<mill::Bpe::Id>;

Ids encode(mill::Tokenizer& tokenizer, std::string_view text) {
  Ids ids;
  tokenizer.encode(text, ids);
  return ids;
}

std::vector<std::string> pieces_of(mill::Encoding encoding,
                                   std::string_view text) {
  const mill::CharClasses classes;
  mill::TextPieces pieces(classes, text);
  std::vector<std::string> all;
  while (!pieces.done())
    all.emplace_back(encoding == mill::Encoding::kO200k
                         ? pieces.next<mill::Cut::kO200k>()
                         : pieces.next<mill::Cut::kCl100k>());
  return all;
}

// Byte pair encoding as its definition has it, in quadratic time.
Ids encode_slowly(const mill::Bpe& bpe, const std::string& piece) {
  std::vector<std::string> parts;
  for (const char c : piece) parts.emplace_back(1, c);
  for (;;) {
    mill::Bpe::Id lowest = 0xFFFFFFFF;
    std::size_t at = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto id = bpe.find(parts[i] + parts[i + 1]);
      if (id && *id < lowest) {
        lowest = *id;
        at = i;
      }
    }
    if (lowest == 0xFFFFFFFF) break;
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
  Ids ids;
  for (const std::string& part : parts) ids.push_back(*bpe.find(part));
  return ids;
}

}  // namespace

TEST_CASE("Tokenizer counts as tiktoken does") {
  const struct {
    std::string text;
    std::uint64_t o200k;
    std::uint64_t cl100k;
  } cases[] = {
      {"", 0, 0},
      {"tiktoken is great!", 6, 6},
      {"Does Lightning Bolt target a player or planeswalker?", 10, 10},
      {"I'm sure they'll say it's fine, THEY'VE said so: don't", 14, 18},
      {"  two  spaces,\ttab\r\n\r\n  next\n", 10, 10},
      {"trailing space ", 4, 4},
      {"trailing lines\n \n\n", 4, 5},
      {"<|endoftext|> is text here, <|im_start|>user too", 19, 18},
      {"1 22 333 4444 55555 \302\275\331\241\331\242", 15, 17},
      {"na\303\257ve caf\303\251 e\314\201 \314\201\314\201x", 10, 10},
      {"\344\270\255\346\226\207AB "
       "\346\227\245\346\234\254\350\252\236\343\201\256\343\203\206\343\202"
       "\271\343\203\210\343\201\247\343\201\231\343\200\202",
       9, 12},
      {"\320\226\321\203\321\200\320\275\320\260\320\273\320\253\320\226", 4,
       9},
      {"HTTPServerError camelCase SCREAMING_CASE iPhone's", 12, 10},
      {"\360\237\221\215\360\237\217\275 "
       "\360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221"
       "\247 \360\237\203\217",
       14, 21},
      {"int main(void) {\n\treturn x[i] += 1; // why?\n}\n", 17, 17},
      {"http://example.com/a/b//c?d=e#f/\n", 14, 14},
      {"\357\273\277mark first", 3, 3},
      {std::string("nul\0byte\177", 9), 4, 5},
      {std::string(50, 'a'), 7, 7},
      {std::string(100, '='), 2, 3},
      {std::string(80, ' ') + "x", 2, 2},
      {"\343\200\200wide\302\240space\342\200\250line", 6, 7},
      {"it'\305\277 'S 'Ll", 7, 9},
      {"\363\240\201\201\364\217\277\277\357\277\277", 10, 9},
  };
  mill::Tokenizer o200k(mill::Encoding::kO200k);
  mill::Tokenizer harmony(mill::Encoding::kO200kHarmony);
  mill::Tokenizer cl100k(mill::Encoding::kCl100k);
  for (const auto& c : cases) {
    INFO(c.text);
    for (int again = 0; again < 2; ++again) {  // from the cache
      CHECK(o200k.count(c.text) == c.o200k);
      CHECK(harmony.count(c.text) == c.o200k);
      CHECK(cl100k.count(c.text) == c.cl100k);
    }
    CHECK(encode(o200k, c.text).size() == c.o200k);
    CHECK(encode(cl100k, c.text).size() == c.cl100k);
  }
}

TEST_CASE("Tokenizer's ids are tiktoken's, and spell the text") {
  const std::string text =
      "na\303\257ve \344\270\255\346\226\207AB 12345 THEY'VE\n\n";
  mill::Tokenizer o200k(mill::Encoding::kO200k);
  mill::Tokenizer cl100k(mill::Encoding::kCl100k);
  const Ids ids = encode(o200k, text);
  CHECK(ids == Ids{1503, 9954, 737, 83711, 2912, 220, 7633, 2548, 95381, 6,
                   19511, 279});
  CHECK(encode(cl100k, text) == Ids{3458, 38672, 588, 73958, 17161, 1905, 220,
                                    4513, 1774, 63593, 6, 4592, 271});
  std::string spelled;
  for (const auto id : ids) spelled += o200k.bpe().token(id);
  CHECK(spelled == text);
}

TEST_CASE("the token lists are those that OpenAI published") {
  const struct {
    mill::Encoding encoding;
    std::size_t size;
    const char* sha256;  // of the list as lines of "BASE64 RANK"
  } cases[] = {
      {mill::Encoding::kO200k, 199998,
       "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"},
      {mill::Encoding::kCl100k, 100256,
       "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"},
  };
  for (const auto& c : cases) {
    const mill::Tokenizer tokenizer(c.encoding);
    const mill::Bpe& bpe = tokenizer.bpe();
    REQUIRE(bpe.size() == c.size);
    mill::Sha256 sha256;
    bool all_found = true;
    for (mill::Bpe::Id id = 0; id < bpe.size(); ++id) {
      sha256.add(mill::base64(bpe.token(id)) + ' ' + std::to_string(id) + '\n');
      all_found = all_found && bpe.find(bpe.token(id)) == id;
    }
    CHECK(mill::hex(sha256.finish()) == c.sha256);
    CHECK(all_found);
  }
}

TEST_CASE("TextPieces cuts as the patterns do") {
  using List = std::vector<std::string>;
  const struct {
    const char* what;
    std::string text;
    List o200k;
    List cl100k;
  } cases[] = {
      {"a space goes with the word", "a bc", {"a", " bc"}, {"a", " bc"}},
      {"a change of case ends a word",
       "HTTPServer",
       {"HTTPServer"},
       {"HTTPServer"}},
      {"capitals after small letters",
       "camelCaseX",
       {"camel", "Case", "X"},
       {"camelCaseX"}},
      {"contraction", "it's", {"it's"}, {"it", "'s"}},
      {"no contraction", "it'x", {"it", "'x"}, {"it", "'x"}},
      {"long s", "it'\u017fx", {"it'\u017f", "x"}, {"it", "'\u017f", "x"}},
      {"digits by threes", "12345", {"123", "45"}, {"123", "45"}},
      {"blanks leave the last", "a   b", {"a", "  ", " b"}, {"a", "  ", " b"}},
      {"newlines end blanks",
       "a \n \nb",
       {"a", " \n \n", "b"},
       {"a", " \n \n", "b"}},
      {"blanks at the end", "a\n  ", {"a", "\n", "  "}, {"a", "\n", "  "}},
      {"slash after symbols", "!/\n/a", {"!/\n/", "a"}, {"!/\n", "/a"}},
      {"uncased within capitals",
       "\u4e2dA\u6587B c",
       {"\u4e2dA\u6587", "B", " c"},
       {"\u4e2dA\u6587B", " c"}},
      {"mark before capitals", "\u0301AB", {"\u0301", "AB"}, {"\u0301AB"}},
      {"mark before small letters", "\u0301ab", {"\u0301ab"}, {"\u0301ab"}},
      {"space before a digit", " 1", {" ", "1"}, {" ", "1"}},
      {"private use", "\U0010fffda", {"\U0010fffda"}, {"\U0010fffda"}},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    CHECK(pieces_of(mill::Encoding::kO200k, c.text) == c.o200k);
    CHECK(pieces_of(mill::Encoding::kCl100k, c.text) == c.cl100k);
  }
}

TEST_CASE("TextPieces is whole and within bounds on any bytes") {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text(random() % 12, '\0');
    for (char& c : text)
      c = static_cast<char>(random() % 2 ? random() : 0xC0 + random() % 64);
    for (const auto encoding :
         {mill::Encoding::kO200k, mill::Encoding::kCl100k}) {
      std::string joined;
      // A copy that ends where its memory does.
      const std::vector<char> exact(text.begin(), text.end());
      for (const std::string& piece :
           pieces_of(encoding, {exact.data(), exact.size()}))
        joined += piece;
      REQUIRE(joined == text);
    }
  }
}

TEST_CASE("Bpe joins pieces of any length as the definition does") {
  mill::Tokenizer tokenizer(mill::Encoding::kO200k);
  std::mt19937 random(2);
  for (const std::size_t length :
       {2U, 3U, 17U, 63U, 64U, 65U, 66U, 130U, 400U}) {
    for (const std::string& letters :
         {std::string("a"), std::string("ab"), std::string("etaoin shrdlu")}) {
      std::string piece;
      while (piece.size() < length) piece += letters[random() % letters.size()];
      INFO(piece);
      mill::Bpe bpe = tokenizer.bpe();
      if (bpe.find(piece)) continue;  // it is that token, joined or not
      Ids ids;
      bpe.encode(piece, ids);
      CHECK(ids == encode_slowly(bpe, piece));
      CHECK(bpe.count(piece) == ids.size());
    }
  }
}

TEST_CASE("no text is slow") {  // this would take hours in quadratic time
  mill::Tokenizer tokenizer(mill::Encoding::kO200k);
  CHECK(tokenizer.count(std::string(1'000'000, 'a')) == 125'000);
  CHECK(tokenizer.count(std::string(1'000'000, ' ')) == 7'813);
  CHECK(tokenizer.count(std::string(1'000'000, '=')) == 15'625);
}

TEST_CASE("words are what white space parts") {
  mill::Tokenizer tokenizer(mill::Encoding::kWords);
  CHECK(tokenizer.count("") == 0);
  CHECK(tokenizer.count(" \n\u3000") == 0);
  CHECK(tokenizer.count("one") == 1);
  CHECK(tokenizer.count("  two\u00a0words, ") == 2);
  CHECK(tokenizer.count("zero\u200bwidth is no space") == 4);
}

TEST_CASE("models are known by name and beginning") {
  using mill::Encoding;
  const struct {
    const char* model;
    std::optional<Encoding> encoding;
  } cases[] = {
      {"gpt-4o", Encoding::kO200k},
      {"gpt-4o-mini-2024-07-18", Encoding::kO200k},
      {"ft:gpt-4o-mini-2024-07-18:acme::id", Encoding::kO200k},
      {"gpt-4.1-nano", Encoding::kO200k},
      {"gpt-5.1", Encoding::kO200k},
      {"o3-mini", Encoding::kO200k},
      {"gpt-4", Encoding::kCl100k},
      {"gpt-4-turbo", Encoding::kCl100k},
      {"gpt-3.5-turbo-0125", Encoding::kCl100k},
      {"text-embedding-3-small", Encoding::kCl100k},
      {"gpt-oss-120b", Encoding::kO200kHarmony},
      {"gpt-35-turbo", Encoding::kCl100k},
      {"gpt-35-turbo-16k", Encoding::kCl100k},
      {"gpt-3.5", Encoding::kCl100k},
      {"davinci-002", Encoding::kCl100k},
      {"ft:davinci-002:acme::id", Encoding::kCl100k},
      {"babbage-002", Encoding::kCl100k},
      {"gpt-3", std::nullopt},
      {"davinci", std::nullopt},
      {"gpt-4x", std::nullopt},
      {"gpt-2", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& c : cases) {
    INFO(c.model);
    CHECK(mill::encoding_of_model(c.model) == c.encoding);
  }
}

TEST_CASE("a damaged token list is refused") {
  std::string list(4, '\0');
  list[1] = 1;  // 256 tokens
  list += std::string(256, '\1');
  for (int byte = 0; byte < 256; ++byte) list += static_cast<char>(byte);
  CHECK(mill::Bpe(list).count("ab") == 2);
  CHECK_THROWS_AS(mill::Bpe(""), std::runtime_error);
  CHECK_THROWS_AS(mill::Bpe(list.substr(0, 100)), std::runtime_error);
  CHECK_THROWS_AS(mill::Bpe(list + 'x'), std::runtime_error);
  std::string twice = list;
  twice.back() = 'x';  // so that one byte is no token
  CHECK_THROWS_AS(mill::Bpe(twice), std::runtime_error);
}

TEST_CASE("Tokenizer gives the ids of texts encoded by tiktoken") {
  // Ours, and more of them where they are there.
  const char* const file_name = GENERATE("tests/data/tokens/texts.jsonl",
                                         "../shared/data/6_tiktoken/"
                                         "token_ids.jsonl");
  std::ifstream file(top_folder() / file_name);
  if (!file) {
    REQUIRE(file_name[0] == '.');
    WARN("no " << file_name);
    return;
  }
  mill::Tokenizer o200k(mill::Encoding::kO200k);
  mill::Tokenizer cl100k(mill::Encoding::kCl100k);
  mill::JsonReader reader;
  auto ids_of = [&](std::string_view name) {
    Ids ids;
    for (const mill::JsonValue id : reader.root()[name].elements())
      ids.push_back(static_cast<mill::Bpe::Id>(id.integer().value()));
    return ids;
  };
  std::size_t read = 0;
  for (std::string line; std::getline(file, line); ++read) {
    INFO(line);
    REQUIRE(!reader.parse(line));
    const std::string text = reader.root()["text"].string();
    CHECK(encode(o200k, text) == ids_of("o200k_base"));
    CHECK(encode(cl100k, text) == ids_of("cl100k_base"));
  }
  CHECK(read > 0);
}

#include "lib/tokens/tokenizer_file.h"

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "lib/base/exit.h"
#include "lib/io/input.h"
#include "lib/json/json.h"
#include "tests/unit/catch.h"
#include "tests/unit/top_folder.h"

namespace {

std::string small(const std::string& name) {
  const char* const end = name == "sentencepiece" ? ".model" : ".json";
  return top_folder() / "tests/data/tokens" / ("small-" + name + end);
}

// Why parse_tokenizer() refuses the bytes; empty if it does not.
std::string refusal(std::string_view bytes) {
  try {
    mill::parse_tokenizer(bytes);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::string replaced(std::string text, std::string_view from,
                     std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a file's tokenizer gives the ids of the library it is for") {
  for (const std::string name : {"o200k", "tekken", "llama3", "qwen2",
                                 "qwen3_5", "gpt2", "gemma", "sentencepiece"}) {
    mill::Tokenizer tokenizer(mill::read_tokenizer_file(small(name)));
    CHECK(tokenizer.name().starts_with("small-" + name + '.'));
    std::ifstream file(top_folder() / "tests/data/tokens/small-ids.jsonl");
    mill::JsonReader reader;
    std::size_t read = 0;
    for (std::string line; std::getline(file, line); ++read) {
      REQUIRE(!reader.parse(line));
      const std::string text = reader.root()["text"].string();
      INFO(name << ": " << text);
      std::vector<mill::Bpe::Id> wanted, ids;
      for (const mill::JsonValue id : reader.root()[name].elements())
        wanted.push_back(static_cast<mill::Bpe::Id>(id.integer().value()));
      tokenizer.encode(text, ids);
      CHECK(ids == wanted);
      CHECK(tokenizer.count(text) == wanted.size());
    }
    CHECK(read > 20);
  }
}

TEST_CASE("no text is slow for a file's tokenizer") {
  for (const std::string name :
       {"tekken", "qwen2", "gpt2", "gemma", "sentencepiece"}) {
    INFO(name);
    mill::Tokenizer tokenizer(mill::read_tokenizer_file(small(name)));
    CHECK(tokenizer.count(std::string(1'000'000, 'a')) > 0);
    CHECK(tokenizer.count(std::string(1'000'000, ' ')) > 0);
    std::string word, marks;
    while (word.size() < 1'000'000) word += "etaoinshrdlu";
    while (marks.size() < 1'000'000) marks += "\u0301\u0316";
    CHECK(tokenizer.count(word) > 0);
    CHECK(tokenizer.count(marks) > 0);
  }
}

TEST_CASE("a tokenizer that is not known exactly is refused, and says why") {
  const std::string qwen2 = mill::read_all(small("qwen2"));
  const std::string tekken = mill::read_all(small("tekken"));
  REQUIRE(refusal(qwen2).empty());
  REQUIRE(refusal(tekken).empty());
  const std::string gemma = mill::read_all(small("gemma"));
  const std::string model = mill::read_all(small("sentencepiece"));
  REQUIRE(refusal(gemma).empty());
  REQUIRE(refusal(model).empty());
  // The file says what it is at its end.
  const auto model_with = [&](std::string_view from, std::string_view to) {
    std::string changed = model;
    return changed.replace(changed.rfind(from), from.size(), to);
  };
  const struct {
    const char* what;
    std::string bytes;
    const char* why;
  } cases[] = {
      {"nothing", "", "it is empty"},
      {"cut off", qwen2.substr(0, 500), "byte 485: "},
      {"JSON of another kind", "{}",
       "neither a tokenizer.json (model) nor a tekken.json (config)"},
      {"a list that says no pattern", "IQ== 0\nIg== 1\n",
       "neither JSON nor a list of tiktoken's that is known (Llama 3 and 4, "
       "Qwen, o200k_base, cl100k_base)"},
      {"another pattern", replaced(qwen2, R"(|\\p{N}|)", R"(|\\p{N}{1,2}|)"),
       "its pattern is none that is known exactly: "},
      {"another pattern of Mistral's",
       replaced(tekken, R"(|\\p{N}|)", R"(|\\p{N}+|)"),
       "its pattern is none that is known exactly: "},
      {"another model", replaced(qwen2, R"("BPE")", R"("Unigram")"),
       "its model is not BPE but 'Unigram'"},
      {"a mixture of bytes and characters",
       replaced(qwen2, R"("byte_fallback":false)", R"("byte_fallback":true)"),
       "its text is cut before it is joined"},
      {"chance", replaced(qwen2, R"("dropout":null)", R"("dropout":0.1)"),
       "its model has dropout"},
      {"lower case", replaced(qwen2, R"("NFC")", R"("Lowercase")"),
       "its normalizer is neither NFC nor none: Lowercase"},
      {"a space before",
       replaced(qwen2, R"("add_prefix_space":false)",
                R"("add_prefix_space":true)"),
       "it adds a space before each text (add_prefix_space)"},
      {"what is between", replaced(qwen2, R"("Isolated")", R"("Removed")"),
       "its pattern does not say what the pieces are (Split, Isolated)"},
      {"no bytes", replaced(qwen2, R"("ByteLevel")", R"("Metaspace")"),
       "its text is not cut into bytes (ByteLevel)"},
      {"a merge of no tokens",
       replaced(qwen2, R"("merges":[)", R"("merges":[["qqq","q"],)"),
       "merges: not of tokens of the vocabulary"},
      {"a token that is missing",
       replaced(tekken, R"({"rank":70,)", R"({"rank":71,)"),
       "vocab: 1 tokens are missing"},
      {"more tokens than there is room for",
       replaced(tekken, R"("default_vocab_size":)",
                R"("default_vocab_size":999)"),
       "more than 262144 tokens"},
      {"a token that is there twice",
       replaced(tekken, R"("token_bytes":"ICA=")", R"("token_bytes":"YWE=")"),
       "token 256 is there twice"},
      {"a byte that is no token",
       replaced(tekken, R"("token_bytes":"IQ==")", R"("token_bytes":"ISE=")"),
       "byte 33 is no token: damaged token list"},
      {"a mark that is another's",
       replaced(gemma, "\"content\":\"\u2581\"", R"("content":"_")"),
       "its normalizer is not SentencePiece's"},
      {"a byte that is missing", replaced(gemma, R"("<0xC3>":)", R"("<0x>":)"),
       "characters that it has not got are not bytes (byte_fallback)"},
      {"an added token that takes spaces",
       replaced(gemma, R"("lstrip":false)", R"("lstrip":true)"),
       "an added token is lstrip"},
      {"two tokens of one number",
       replaced(gemma, R"("<br>":2,)", R"("<br>":1,)"),
       "a token is there twice"},
      {"half of a model", model.substr(0, 3000),
       "neither a text, nor a whole SentencePiece model"},
      {"a unigram model", model_with({"\x18\x02", 2}, {"\x18\x01", 2}),
       "its SentencePiece model is not BPE but Unigram"},
      {"a model that drops spaces",
       model_with({"\x20\x00", 2}, {"\x20\x01", 2}),
       "its normalizer drops white space (remove_extra_whitespaces)"},
  };
  for (const auto& c : cases) {
    INFO(c.what);
    const std::string why = refusal(c.bytes);
    CHECK(why.substr(0, std::string(c.why).size()) == c.why);
    CHECK_FALSE(why.empty());
  }
  CHECK_THROWS_AS(mill::read_tokenizer_file(small("none")), mill::Exit);
}

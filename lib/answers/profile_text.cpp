#include "lib/answers/profile_text.h"

#include <utility>

#include "lib/answers/embedded_profiles.h"
#include "lib/answers/profile_item.h"
#include "lib/base/exit.h"
#include "lib/io/input.h"
#include "lib/json/json.h"

namespace mill {

namespace {

std::string built_in_names() {
  std::string names;
  for (const auto& [name, text] : embedded_profiles())
    names += (names.empty() ? "" : ", ") + name;
  return "the built-in profiles are " + names;
}

ProfileText read_profile_file(const std::string& path) {
  if (path.empty()) throw Exit(EX_NOINPUT, "a profile's name is empty");
  try {
    return {path, read_all(path)};
  } catch (const Exit& exit) {
    if (exit.code != EX_NOINPUT) throw;
    throw Exit(EX_NOINPUT, std::string(exit.what()) + "; " + built_in_names());
  }
}

}  // namespace

std::vector<ProfileText> with_bases(ProfileText text) {
  std::vector<ProfileText> texts;
  texts.push_back(std::move(text));
  for (;;) {
    const ProfileText& last = texts.back();
    JsonReader reader;
    if (const auto error = reader.parse(last.json))
      throw Exit(EX_CONFIG, last.source + ": " + error->message());
    const ProfileItem base{reader.root()["extends"], "extends", last.source};
    if (!base.value) return texts;
    const auto found = embedded_profiles().find(base.text());
    if (found == embedded_profiles().end())
      base.fail("no such profile; " + built_in_names());
    texts.push_back({found->first, std::string(found->second)});
  }
}

bool is_profile_file(const std::string& name_or_file) {
  return !embedded_profiles().contains(name_or_file);
}

std::vector<ProfileText> profile_texts(const std::string& name_or_file) {
  const auto found = embedded_profiles().find(name_or_file);
  return with_bases(
      found == embedded_profiles().end()
          ? read_profile_file(name_or_file)
          : ProfileText{found->first, std::string(found->second)});
}

std::string system_prompt_of(const std::vector<ProfileText>& texts) {
  for (const ProfileText& text : texts) {
    JsonReader reader;
    reader.parse(text.json);
    const ProfileItem prompt{reader.root()["system_prompt"], "system_prompt",
                             text.source};
    if (prompt.value) return prompt.text();
  }
  return {};
}

}  // namespace mill

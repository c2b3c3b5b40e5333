// profile_text.h - a profile as it is written, before its patterns are compiled.
#pragma once

#include <string>
#include <vector>

namespace mill {

// A profile as it is written.
struct ProfileText {
  std::string source;  // a built-in one's name, or the file
  std::string json;

  // source without the file's folders.
  std::string name() const { return source.substr(source.rfind('/') + 1); }
};

// The built-in profile of that name, else the file's, and those that it
// extends, each before what it extends. Throws Exit: EX_NOINPUT if there is
// neither, EX_CONFIG if one is no JSON or extends what there is not.
std::vector<ProfileText> profile_texts(const std::string& name_or_file);

// Whether profile_texts() opens a file of that name.
bool is_profile_file(const std::string& name_or_file);

// The text and those that it extends. Throws Exit(EX_CONFIG).
std::vector<ProfileText> with_bases(ProfileText text);

// The system message that a profile and those that it extends say; "" if none
// does. Nothing else of them is read, which takes a while for patterns. Throws
// Exit(EX_CONFIG).
std::string system_prompt_of(const std::vector<ProfileText>& texts);

}  // namespace mill

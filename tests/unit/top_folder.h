// top_folder.h - where the project is, for tests that read files of it.
#pragma once

#include <cstdlib>
#include <filesystem>

// TOP, which ctest sets; without it the folder around this one that has the
// project's map. Not by __FILE__, which a compiler cache makes relative.
inline std::filesystem::path top_folder() {
  if (const char* const top = std::getenv("TOP")) return top;
  std::filesystem::path folder = std::filesystem::current_path();
  while (!std::filesystem::exists(folder / "ARCHITECTURE.md") &&
         folder.has_relative_path())
    folder = folder.parent_path();
  return folder;
}

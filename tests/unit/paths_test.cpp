#include "lib/io/paths.h"

#include <string_view>

#include "catch.h"

using namespace std::string_view_literals;

TEST_CASE("a file's name is a name and no path") {
  for (const std::string_view name :
       {"a"sv, "a.jsonl"sv, "..a"sv, "a..b"sv, ".hidden"sv, "a b"sv, "ä"sv})
    CHECK(mill::is_file_name(name));
  for (const std::string_view name :
       {""sv, "."sv, ".."sv, "a/b"sv, "/a"sv, "../a"sv, "a/"sv, "a\0b"sv})
    CHECK(!mill::is_file_name(name));
}

TEST_CASE("a path stays inside if no part of it leads out") {
  for (const std::string_view path :
       {"a"sv, "a/b"sv, "a//b"sv, "./a"sv, "..a/b"sv, "a/..b"sv, "a/"sv})
    CHECK(mill::stays_inside(path));
  for (const std::string_view path :
       {""sv, "/"sv, "/a"sv, ".."sv, "../a"sv, "a/../b"sv, "a/.."sv})
    CHECK(!mill::stays_inside(path));
}

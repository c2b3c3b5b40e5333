#include "lib/base/secret.h"

#include <type_traits>
#include <utility>

#include "tests/unit/catch.h"

TEST_CASE("a Secret is moved, joined and copied on purpose only") {
  mill::Secret a("token");
  const mill::Secret header = mill::Secret::join({"Bearer ", a.reveal()});
  CHECK(header.reveal() == "Bearer token");
  mill::Secret b(std::move(a));
  CHECK(b.reveal() == "token");
  b = mill::Secret("other");
  CHECK(b.copy().reveal() == "other");
  CHECK(mill::Secret().empty());
  CHECK(!std::is_copy_constructible_v<mill::Secret>);
  CHECK(!std::is_convertible_v<mill::Secret, std::string_view>);
}

TEST_CASE("wipe leaves zeros behind") {
  std::string text = "a secret that is longer than a small string";
  const char* const bytes = text.data();
  const std::size_t size = text.size();
  mill::wipe(text);
  CHECK(text.empty());
  CHECK(std::string_view(bytes + 1, size - 1).find_first_not_of('\0') ==
        std::string_view::npos);
}

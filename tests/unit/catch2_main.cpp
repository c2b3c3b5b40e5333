// Catch2 2.x brings its main() as a macro.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "lib/record/stage.h"

#include <exception>
#include <new>

#include "lib/base/exit.h"

namespace mill {

Outcome run_stage(const Stage& stage, const Record& record, std::string& out) {
  try {
    return stage(record, out);
  } catch (const Exit&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return Outcome::bad(std::string("internal error: ") + error.what());
  }
}

}  // namespace mill

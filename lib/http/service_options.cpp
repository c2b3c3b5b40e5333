#include "lib/http/service_options.h"

#include <sysexits.h>

namespace mill {

void ServiceOptions::define(CommandLine& line,
                            const std::string& timeout_default) {
  line.option("timeout", "SECONDS",
              "give up after this long without a response (default " +
                  timeout_default + ")",
              &timeout);
  line.option("retries", "N", "retries after a transient failure", &retries);
  line.exits({EX_UNAVAILABLE, EX_TEMPFAIL, EX_NOPERM, EX_CONFIG});
}

}  // namespace mill

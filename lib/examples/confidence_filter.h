// confidence_filter.h - keeps the records that score at least a threshold.
#pragma once

#include <string>

#include "lib/json/json.h"
#include "lib/record/stage.h"

namespace mill {

struct ConfidenceFilter {
  double min = 0.7;
  std::string field;  // empty: confidence, else metadata.confidence
  bool invert = false;

  // Keeps or drops ("below_threshold", inverted "at_or_above_threshold"); bad
  // if the field is missing or not a number.
  Outcome operator()(JsonValue record, std::string& out) const;
};

}  // namespace mill

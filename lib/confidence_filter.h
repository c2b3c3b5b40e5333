// confidence_filter.h - keeps the records that score at least a threshold.
#pragma once

#include <string>

#include "lib/records.h"

namespace mill {

struct ConfidenceFilter {
  double min = 0.7;
  std::string field;  // empty: confidence, else metadata.confidence
  bool invert = false;

  // Keeps or drops ("below_threshold", inverted "at_or_above_threshold");
  // bad if the field is missing or no number.
  Outcome operator()(JsonValue record, std::string& out) const;
};

// True if score reaches min when both are rounded to nine decimals, so that a
// stored 0.7999999999999999 meets 0.8.
bool meets_threshold(double score, double min);

}  // namespace mill

#include "lib/confidence_filter.h"

#include <cmath>

namespace mill {

bool meets_threshold(double score, double min) {
  constexpr double kNineDecimals = 1e9;
  return std::round(score * kNineDecimals) >= std::round(min * kNineDecimals);
}

Outcome ConfidenceFilter::operator()(JsonValue record, std::string&) const {
  JsonValue value =
      field.empty() ? record["confidence"] : record.at_path(field);
  if (field.empty() && !value) value = record["metadata"]["confidence"];
  const auto score = value.number();
  if (!score) {
    const std::string name = field.empty() ? "confidence" : field;
    return Outcome::bad(name + ": not a number but " +
                        std::string(describe(value.kind())));
  }
  if (meets_threshold(*score, min) != invert) return Outcome::keep();
  return Outcome::drop(invert ? "at_or_above_threshold" : "below_threshold");
}

}  // namespace mill

#include "lib/examples/confidence_filter.h"

#include <cmath>

#include "lib/record/kind.h"
#include "lib/record/score.h"

namespace mill {

Outcome ConfidenceFilter::operator()(JsonValue record, std::string&) const {
  JsonValue value =
      field.empty() ? record["confidence"] : record.at_path(field);
  if (field.empty() && !value) value = record["metadata"]["confidence"];
  const auto score = value.number();
  if (!score) {
    if (std::string why = wrong_kind(
            record, {RecordKind::kInteraction, RecordKind::kExample});
        field.empty() && !value && !why.empty())
      return Outcome::bad(std::move(why));
    const std::string name = field.empty() ? "confidence" : field;
    return Outcome::bad(name + ": " + mismatch("a number", value));
  }
  if (!std::isfinite(*score))
    return Outcome::bad((field.empty() ? "confidence" : field) +
                        ": too large a number");
  if (meets_threshold(*score, min) != invert) return Outcome::keep();
  return Outcome::drop(invert ? "at_or_above_threshold" : "below_threshold");
}

}  // namespace mill

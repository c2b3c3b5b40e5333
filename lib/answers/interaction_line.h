// interaction_line.h - a thread's question and one of its answers as a line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "lib/answers/card_names.h"
#include "lib/answers/pick_answer.h"
#include "lib/answers/profile.h"
#include "lib/answers/thread.h"

namespace mill {

// One answer, and others of its thread beside it.
struct ChosenAnswer {
  const Candidate& candidate;
  std::size_t rank = 1;                   // from 1, among those that passed
  std::optional<Hundredths> margin = {};  // over the runner-up, if wanted
  const Candidate* rejected = nullptr;    // of a pair
  const Candidate* runner_up = nullptr;   // to explain it by
};

// Appends the interaction of post and answer, and a newline, to out.
void write_interaction(const AnswerProfile& profile, const PickOptions& options,
                       const CardNames& cards, const Post& post,
                       const ChosenAnswer& answer, std::string& out);

}  // namespace mill

// interaction_line.h - a thread's question and one of its answers as a line.
#pragma once

#include <cstddef>
#include <string>

#include "lib/answers/card_names.h"
#include "lib/answers/pick_answer.h"
#include "lib/answers/profile.h"
#include "lib/answers/thread.h"

namespace mill {

// Appends the interaction of post and candidate, whose rank counts from 1, and
// a newline to out; of a pair, with the answer that was rejected, else null.
void write_interaction(const AnswerProfile& profile, const PickOptions& options,
                       const CardNames& cards, const Post& post,
                       const Candidate& candidate, std::size_t rank,
                       const Candidate* rejected, std::string& out);

}  // namespace mill

// dropped_thread.h - why a thread gave no interaction, for people.
//
//   mill::DroppedThread dropped;
//   if (pick(thread, out, &dropped).kind == mill::Outcome::kDrop)
//     log(mill::dropped_json(dropped, /*explains=*/true));
//
// {"id":"t3_a","reason":"answer_too_short","detail":"t1_b, of 3 answers: 35
// characters, at least 80 are required"}: Reddit's ids lead to the thread, and
// nobody's name and no text of it is kept.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lib/answers/profile.h"

namespace mill {

struct DroppedThread {
  std::string id = {};  // the post's fullname
  std::string reason = {};
  std::string detail = {};
  // A comment on the post, and why it was passed over.
  struct Answer {
    std::string id;
    std::string reason;        // empty: it passed
    std::int64_t score = 0;    // 0 and 0 where that was not looked at
    std::uint64_t length = 0;  // code points
  };
  std::vector<Answer> answers = {};  // in their order; none if the post failed

  // Records reason and detail, from the answers and, if they are no comment's
  // fault, from the profile's rules.
  void explain(const AnswerProfile& profile, std::string why);
};

// One JSON object, with the answers as `why` where they are asked for.
std::string dropped_json(const DroppedThread& dropped, bool explains);

}  // namespace mill

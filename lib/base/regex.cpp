#include "lib/base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <limits>
#include <new>

#include "lib/base/utf8.h"

namespace mill {

namespace {

std::string describe_error(int code) {
  std::array<PCRE2_UCHAR, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

void Regex::Free::operator()(pcre2_code* code) const { pcre2_code_free(code); }
void Regex::Free::operator()(pcre2_match_context* context) const {
  pcre2_match_context_free(context);
}
void Regex::Free::operator()(pcre2_match_data* match) const {
  pcre2_match_data_free(match);
}

namespace {

// What compiled patterns run on: one a thread, since it reserves 4 MiB of
// addresses.
pcre2_jit_stack* stack_of_thread(void*) {
  struct Stack {
    pcre2_jit_stack* const stack =
        pcre2_jit_stack_create(32 << 10, 4 << 20, nullptr);
    ~Stack() { pcre2_jit_stack_free(stack); }
  };
  static thread_local const Stack one;
  return one.stack;
}

// A text as short as this is searched without counting, within a match limit
// that leaves no time for harm; if that does not do, it is searched again.
constexpr std::size_t kShortText = 4 << 10;
constexpr std::uint32_t kShortLimit = 10'000;
constexpr std::uint32_t kNoLimit = 0xFFFFFFFF;

// Half a second's steps, and more for a long text.
std::size_t allowed_steps(std::string_view text) {
  return (std::size_t{32} << 20) + 64 * text.size();
}

struct Steps {
  std::size_t left;
  std::size_t at;  // the byte of the last one
};

// Called before each item of a pattern is tried: a step, and one for each byte
// that the item before ran over.
int count_step(pcre2_callout_block* callout, void* data) {
  Steps& steps = *static_cast<Steps*>(data);
  const std::size_t at = callout->current_position;
  const std::size_t taken = 1 + (at > steps.at ? at - steps.at : 0);
  steps.at = at;
  if (taken > steps.left) return PCRE2_ERROR_CALLOUT;
  steps.left -= taken;
  return 0;
}

pcre2_code* compile(std::string_view pattern, std::uint32_t options) {
  int error = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* const code = pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
      PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C | options, &error,
      &at, nullptr);
  if (!code && error == PCRE2_ERROR_HEAP_FAILED) throw std::bad_alloc();
  if (!code)
    throw RegexError(describe_error(error) + " at byte " + std::to_string(at));
  return code;
}

// Returns false where machine code is not allowed: the interpreter does the same.
bool make_fast(pcre2_code* code) {
  return pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
}

}  // namespace

Regex::Regex(std::string_view pattern) : Regex(pattern, 0) {}

Regex::Regex(std::string_view pattern, std::uint32_t options)
    : pattern_(pattern), options_(options), code_(compile(pattern, options)) {
  // PCRE2 finds out itself whether matches begin only where the text does.
  std::uint32_t all_options = 0;
  pcre2_pattern_info(code_.get(), PCRE2_INFO_ALLOPTIONS, &all_options);
  is_anchored_ = (all_options & PCRE2_ANCHORED) != 0;
  context_.reset(pcre2_match_context_create(nullptr));
  match_.reset(pcre2_match_data_create(1, nullptr));
  if (!context_ || !match_) throw std::bad_alloc();
  pcre2_jit_stack_assign(context_.get(), stack_of_thread, nullptr);
}

const Prefilter& Regex::prefilter() const {
  if (!prefilter_) {
    prefilter_.emplace(pattern_);
    alternatives_.resize(prefilter_->alternatives().size());
  }
  return *prefilter_;
}

namespace {

// Looking at all of a text, so that a pattern is searched for in little of it,
// does not pay for a short one.
constexpr std::size_t kShortSubject = 16;
bool is_short(const Subject& subject) {
  return subject.text().size() < kShortSubject;
}

bool is_any(std::string_view) { return true; }

// Where to search on after a match: one of nothing is not found again.
std::size_t after(std::string_view found, std::string_view text) {
  const auto end =
      static_cast<std::size_t>(found.data() + found.size() - text.data());
  if (!found.empty()) return end;
  return end + (end < text.size() ? utf8_length(text[end]) : 1);
}

}  // namespace

// Found once: flairs and the like are empty more often than not.
bool Regex::is_in_nothing() const {
  if (!is_in_nothing_) is_in_nothing_ = find(std::string_view()).has_value();
  return *is_in_nothing_;
}

bool Regex::may_be_in(const Subject& subject) const {
  return !prefilter().is_of_use() || prefilter().may_match(subject.trigrams());
}

bool Regex::is_in(std::string_view text) const {
  return text.empty() ? is_in_nothing() : find(text).has_value();
}

bool Regex::is_in(const Subject& subject) const {
  if (is_short(subject) || (is_anchored_ && !subject.has_trigrams()))
    return is_in(subject.text());
  const auto& alternatives = prefilter().alternatives();
  if (alternatives.size() < 2 || subject.trigrams().is_unknown())
    return may_be_in(subject) && find_by_words(subject, is_any);
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    if (!alternatives[i].needs.hold(subject.trigrams())) continue;
    if (!alternatives_[i])
      alternatives_[i] = std::make_unique<Regex>(alternatives[i].pattern);
    if (alternatives_[i]->find_by_words(subject, is_any)) return true;
  }
  return false;
}

std::optional<std::string_view> Regex::find_if(
    const Subject& subject, const IsWanted& is_wanted) const {
  if (is_short(subject)) return find_if(subject.text(), is_wanted);
  if (!may_be_in(subject)) return std::nullopt;
  return find_by_words(subject, [&](std::string_view found) {
    return !found.empty() && is_wanted(found);
  });
}

bool Regex::leaves(const Subject& subject, std::uint64_t characters) const {
  const std::string_view text = subject.text();
  if (text.size() < characters) return false;
  if (!may_be_in(subject)) return count_code_points(text) >= characters;
  if (!up_to_place_)
    up_to_place_.reset(new Regex(pattern_, PCRE2_USE_OFFSET_LIMIT));
  const std::size_t most_bytes = subject.trigrams().has_non_ascii() ? 4 : 1;
  std::size_t at = 0, from = 0, steps = allowed_steps(text);
  while (characters > 0) {
    pcre2_set_offset_limit(up_to_place_->context_.get(),
                           at + characters * most_bytes);
    const auto found = up_to_place_->find(text, from, steps);
    // What a match that begins later leaves is enough.
    const std::size_t begin =
        found ? static_cast<std::size_t>(found->data() - text.data())
              : text.size();
    const std::size_t left = count_code_points(text.substr(at, begin - at));
    if (left >= characters || begin == text.size()) return left >= characters;
    characters -= left;
    at = begin + found->size();
    from = after(*found, text);
  }
  return true;
}

std::optional<std::string_view> Regex::find_by_words(
    const Subject& subject, const IsWanted& is_wanted) const {
  const std::string_view text = subject.text();
  const FirstWords& first_words = prefilter().first_words();
  if (first_words.empty() || subject.trigrams().is_unknown() || is_anchored_ ||
      text.size() > std::numeric_limits<std::uint32_t>::max())
    return find_next(text, is_wanted);
  std::size_t from = 0, steps = allowed_steps(text);
  for (const TextWord& word : subject.words()) {
    if (word.begin < from || !first_words.stand_at(word, text)) continue;
    if (!at_place_) at_place_.reset(new Regex(pattern_, PCRE2_ANCHORED));
    const auto found = at_place_->find(text, word.begin, steps);
    if (!found) continue;
    if (is_wanted(*found)) return found;
    from = after(*found, text);
  }
  return std::nullopt;
}

std::optional<std::string_view> Regex::find_next(
    std::string_view text, const IsWanted& is_wanted) const {
  std::size_t from = 0, steps = allowed_steps(text);
  while (from <= text.size()) {
    const auto found = find(text, from, steps);
    if (!found || is_wanted(*found)) return found;
    from = after(*found, text);
  }
  return std::nullopt;
}

int Regex::match(const pcre2_code* code, std::string_view text,
                 std::size_t from, std::uint32_t limit) const {
  pcre2_set_match_limit(context_.get(), limit);
  // For short texts what pcre2_match() looks at first takes as long as the rest,
  // such as whether there is a text at all.
  const auto match = *is_fast_ ? pcre2_jit_match : pcre2_match;
  const char* const begin = text.empty() ? "" : text.data();
  return match(code, reinterpret_cast<PCRE2_SPTR>(begin), text.size(), from,
               PCRE2_NO_UTF_CHECK, match_.get(), context_.get());
}

std::optional<std::string_view> Regex::find(std::string_view text,
                                            std::size_t from,
                                            std::size_t& steps) const {
  // Not at once: many a pattern of a profile is never searched for.
  if (!is_fast_) is_fast_ = make_fast(code_.get());
  int found = PCRE2_ERROR_MATCHLIMIT;
  if (text.size() <= kShortText)
    found = match(code_.get(), text, from, kShortLimit);
  if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
    if (!counting_) {
      counting_.reset(compile(pattern_, options_ | PCRE2_AUTO_CALLOUT));
      is_fast_ = make_fast(counting_.get()) && *is_fast_;
    }
    Steps counted{steps, from};
    pcre2_set_callout(context_.get(), count_step, &counted);
    found = match(counting_.get(), text, from, kNoLimit);
    pcre2_set_callout(context_.get(), nullptr, nullptr);
    steps = counted.left;
  }
  if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (found == PCRE2_ERROR_NOMEMORY) throw std::bad_alloc();
  if (found < 0)
    throw RegexGaveUp(found == PCRE2_ERROR_CALLOUT ? "too many steps"
                                                   : describe_error(found));
  const PCRE2_SIZE* const ends = pcre2_get_ovector_pointer(match_.get());
  return text.substr(ends[0], ends[1] - ends[0]);
}

std::optional<std::string_view> Regex::find(std::string_view text,
                                            std::size_t from) const {
  std::size_t steps = allowed_steps(text);
  return find(text, from, steps);
}

std::optional<std::string_view> Regex::find_if(
    std::string_view text, const IsWanted& is_wanted) const {
  return find_next(text, [&](std::string_view found) {
    return !found.empty() && is_wanted(found);
  });
}

}  // namespace mill

#include "lib/base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
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

// Where machine code is not allowed, the interpreter does the same.
void make_fast(pcre2_code* code) {
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
}

}  // namespace

Regex::Regex(std::string_view pattern)
    : pattern_(pattern), code_(compile(pattern, 0)) {
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

// A short text is searched before it is looked at.
bool is_short(const Subject& subject) { return subject.text().size() < 64; }

}  // namespace

bool Regex::may_be_in(const Subject& subject) const {
  return is_short(subject) || !prefilter().is_of_use() ||
         prefilter().may_match(subject.trigrams());
}

bool Regex::is_in(const Subject& subject) const {
  const std::string_view text = subject.text();
  if (is_short(subject)) return is_in(text);
  const auto& alternatives = prefilter().alternatives();
  if (alternatives.size() < 2 || subject.trigrams().is_unknown())
    return may_be_in(subject) && is_in(text);
  for (std::size_t i = 0; i < alternatives.size(); ++i) {
    if (!alternatives[i].needs.holds(subject.trigrams())) continue;
    if (!alternatives_[i])
      alternatives_[i] = std::make_unique<Regex>(alternatives[i].pattern);
    if (alternatives_[i]->is_in(text)) return true;
  }
  return false;
}

int Regex::match(const pcre2_code* code, std::string_view text,
                 std::size_t from, std::uint32_t limit) const {
  pcre2_set_match_limit(context_.get(), limit);
  return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()),
                     text.size(), from, PCRE2_NO_UTF_CHECK, match_.get(),
                     context_.get());
}

std::optional<std::string_view> Regex::find(std::string_view text,
                                            std::size_t from,
                                            std::size_t& steps) const {
  // Not at once: many a pattern of a profile is never searched for.
  if (!is_fast_) {
    make_fast(code_.get());
    is_fast_ = true;
  }
  int found = PCRE2_ERROR_MATCHLIMIT;
  if (text.size() <= kShortText)
    found = match(code_.get(), text, from, kShortLimit);
  if (found < 0 && found != PCRE2_ERROR_NOMATCH) {
    if (!counting_) {
      counting_.reset(compile(pattern_, PCRE2_AUTO_CALLOUT));
      make_fast(counting_.get());
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
    std::string_view text,
    const std::function<bool(std::string_view)>& is_wanted) const {
  std::size_t from = 0, steps = allowed_steps(text);
  while (const auto found = find(text, from, steps)) {
    if (!found->empty() && is_wanted(*found)) return found;
    from = static_cast<std::size_t>(found->end() - text.begin());
    if (found->empty()) {
      if (from == text.size()) break;
      from += utf8_length(text[from]);
    }
  }
  return std::nullopt;
}

void Regex::for_each(std::string_view text,
                     const std::function<void(std::string_view)>& visit) const {
  find_if(text, [&](std::string_view found) {
    visit(found);
    return false;
  });
}

}  // namespace mill

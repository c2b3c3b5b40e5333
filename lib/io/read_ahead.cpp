#include "lib/io/read_ahead.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace mill {

ReadAhead::ReadAhead(Source source)
    : source_(std::move(source)), thread_([this] { run(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    is_wanted_ = false;
  }
  changed_.notify_all();
  thread_.join();
}

// Makes blocks, each full but for the last.
void ReadAhead::run() {
  for (bool is_last = false; !is_last;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock,
                    [&] { return made_ - taken_ < kBlocks || !is_wanted_; });
      if (!is_wanted_) return;
    }
    Block& block = blocks_[made_ % kBlocks];
    std::exception_ptr error;
    block.size = 0;
    try {
      while (block.size < kBlockSize && !is_last) {
        const std::size_t got =
            source_(block.bytes.get() + block.size, kBlockSize - block.size);
        block.size += got;
        is_last = got == 0;
      }
    } catch (...) {
      error = std::current_exception();
      is_last = true;
    }
    {
      const std::lock_guard lock(mutex_);
      ++made_;
      has_ended_ = is_last;
      error_ = error;
    }
    changed_.notify_all();
  }
}

std::size_t ReadAhead::read(char* to, std::size_t size) {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return made_ > taken_ || has_ended_; });
      if (made_ == taken_) {
        if (error_) std::rethrow_exception(error_);
        return 0;
      }
    }
    const Block& block = blocks_[taken_ % kBlocks];
    const std::size_t n = std::min(size, block.size - at_);
    if (n > 0) std::memcpy(to, block.bytes.get() + at_, n);
    at_ += n;
    if (at_ == block.size) {
      const std::lock_guard lock(mutex_);
      ++taken_;
      at_ = 0;
    }
    if (at_ == 0) changed_.notify_all();
    if (n > 0) return n;
  }
}

}  // namespace mill

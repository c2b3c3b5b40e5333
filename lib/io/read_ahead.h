// read_ahead.h - what a source gives, made by a thread of its own while the
// caller works on what came before.
//
//   mill::ReadAhead ahead([&](char* to, std::size_t size) {
//     return input.read(to, size);
//   });
//   while (const std::size_t n = ahead.read(buffer, sizeof buffer)) ...
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace mill {

// Holds kBlocks blocks of kBlockSize bytes.
class ReadAhead {
 public:
  // Reads at most size bytes; 0 is the end. Called by the thread, one call after
  // the other. What it throws is thrown by read(), after all that came before.
  // REQUIRES: does not wait for long, since the destructor waits for it.
  using Source = std::function<std::size_t(char* to, std::size_t size)>;

  // Throws std::system_error if no thread can be had.
  explicit ReadAhead(Source source);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // As the source's. Throws again if called again.
  std::size_t read(char* to, std::size_t size);

 private:
  static constexpr std::size_t kBlocks = 12;
  static constexpr std::size_t kBlockSize = 512 << 10;
  struct Block {
    std::unique_ptr<char[]> bytes = std::make_unique<char[]>(kBlockSize);
    std::size_t size = 0;
  };
  void run();

  Source source_;
  std::array<Block, kBlocks> blocks_;
  std::size_t at_ = 0;  // the next byte of the block that is read
  std::mutex mutex_;    // for what follows
  std::condition_variable changed_;
  std::size_t made_ = 0, taken_ = 0;  // blocks, since the beginning
  bool has_ended_ = false;            // no more are made
  std::exception_ptr error_;          // why
  bool is_wanted_ = true;
  std::thread thread_;
};

}  // namespace mill

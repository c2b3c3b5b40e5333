#include "lib/base/worker.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/unit/catch.h"

namespace {

// Opens once, for all that wait for it.
class Gate {
 public:
  void open() {
    {
      const std::lock_guard lock(mutex_);
      is_open_ = true;
    }
    changed_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_open_ = false;
};

}  // namespace

TEST_CASE("a worker does its tasks in order, no more than so many behind") {
  constexpr int kMost = 3;
  std::vector<int> done;
  std::atomic<int> count = 0;
  mill::Worker worker(kMost);
  for (int i = 0; i < 1000; ++i) {
    worker.add([&, i] {
      done.push_back(i);
      ++count;
    });
    CHECK(i + 1 - count <= kMost);
  }
  worker.finish();
  REQUIRE(done.size() == 1000);
  for (int i = 0; i < 1000; ++i) CHECK(done[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("what a worker's task throws is thrown, and ends its work") {
  std::atomic<bool> is_later_done = false;
  Gate gate;
  mill::Worker worker(2);
  worker.add([&] {
    gate.wait();
    throw std::runtime_error("full");
  });
  worker.add([&] { is_later_done = true; });
  gate.open();
  CHECK_THROWS_WITH(worker.finish(), "full");
  CHECK_THROWS_WITH(worker.add([&] { is_later_done = true; }), "full");
  CHECK_FALSE(is_later_done);
}

TEST_CASE("a worker that goes waits for what it works on") {
  std::atomic<bool> is_done = false;
  Gate begun;
  {
    mill::Worker worker(1);
    worker.add([&] {
      begun.open();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      is_done = true;
    });
    begun.wait();
  }
  CHECK(is_done);
}

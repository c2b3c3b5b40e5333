// worker.h - a thread that does what it is given, one task after the other.
//
//   mill::Worker worker(2);
//   for (...) worker.add([&] { ... });  // waits while two are not done
//   worker.finish();
//
// So who gives the tasks may reuse what the last but two worked on. The worker is
// a little nicer than who gives them, who goes first where processors are few.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace mill {

class Worker {
 public:
  using Task = std::function<void()>;

  // Where no thread can be had, add() does the task.
  explicit Worker(std::size_t most);
  // Waits for the task that is worked on; those after it are not done.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Returns once at most `most` tasks, this one among them, are not done.
  // Throws what a task threw; those after that one are not done.
  void add(Task task);
  // Waits until all are done; throws as add().
  void finish();

 private:
  void run();
  void wait_for(std::size_t most);

  std::size_t most_;
  std::mutex mutex_;  // for what follows
  std::condition_variable changed_;
  std::deque<Task> tasks_;  // not done; the first is worked on
  std::exception_ptr error_;
  bool is_wanted_ = true;
  std::thread thread_;
};

}  // namespace mill

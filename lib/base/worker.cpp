#include "lib/base/worker.h"

#include <unistd.h>

#include <system_error>
#include <utility>

namespace mill {

Worker::Worker(std::size_t most) : most_(most) {
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {  // no more threads are allowed
  }
}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    is_wanted_ = false;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  // Of this thread alone, as Linux has it.
  [[maybe_unused]] const int niceness = ::nice(5);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return !tasks_.empty() || !is_wanted_; });
    if (!is_wanted_) return;
    const Task& task = tasks_.front();  // stays where it is as more come
    lock.unlock();
    std::exception_ptr error;
    try {
      task();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    tasks_.pop_front();
    if (error) {
      error_ = error;
      tasks_.clear();
    }
    changed_.notify_all();
  }
}

// Waits until at most so many tasks are not done.
void Worker::wait_for(std::size_t most) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return tasks_.size() <= most; });
  if (error_) std::rethrow_exception(error_);
}

void Worker::add(Task task) {
  if (!thread_.joinable()) return task();
  {
    const std::lock_guard lock(mutex_);
    if (!error_) tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
  wait_for(most_);
}

void Worker::finish() { wait_for(0); }

}  // namespace mill

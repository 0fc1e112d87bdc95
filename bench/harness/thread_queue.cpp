#include "bench/harness/thread_queue.hpp"

namespace fabric::bench {

thread_queue::thread_queue(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

thread_queue::~thread_queue() {
  {
    const std::scoped_lock lock(guard_);
    is_over_ = true;
  }
  changed_.notify_all();
  for (auto& one : threads_) one.join();
}

void thread_queue::push(std::function<void()> what) {
  {
    const std::scoped_lock lock(guard_);
    queue_.push_back(std::move(what));
  }
  changed_.notify_one();
}

void thread_queue::run() {
  std::unique_lock lock(guard_);
  for (;;) {
    changed_.wait(lock, [this] { return is_over_ || !queue_.empty(); });
    if (queue_.empty()) return;
    const auto next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    next();
    lock.lock();
  }
}

}  // namespace fabric::bench

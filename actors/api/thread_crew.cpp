#include "actors/api/thread_crew.hpp"

namespace fabric::detail {

void thread_crew::run(std::function<void()> job) {
  std::vector<std::thread> gone;
  {
    const std::lock_guard lock(mutex_);
    gone.swap(gone_);
    jobs_.push_back(std::move(job));
    if (jobs_.size() <= idle_) {
      wakes_.notify_one();
    } else {
      const auto self = threads_.emplace(threads_.end());
      *self = std::thread([this, self] { work(self); });
    }
  }
  for (auto& t : gone) t.join();  // they end without any lock
}

void thread_crew::work(std::list<std::thread>::iterator self) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (jobs_.empty()) {
      if (ends_) return;  // `join` has the thread, or will
      if (idle_ >= idle_max) break;
      ++idle_;
      wakes_.wait(lock, [&] { return ends_ || !jobs_.empty(); });
      --idle_;
      continue;
    }
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
  gone_.push_back(std::move(*self));  // not while it ends: `join` may have taken it
  threads_.erase(self);
}

void thread_crew::join() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    wakes_.notify_all();
  }
  // A job may be given until the last one has ended: threads are taken one by one.
  for (;;) {
    std::thread next;
    {
      const std::lock_guard lock(mutex_);
      if (!gone_.empty()) {
        next = std::move(gone_.back());
        gone_.pop_back();
      } else if (!threads_.empty()) {
        next = std::move(threads_.front());
        threads_.pop_front();
      } else {
        return;
      }
    }
    next.join();
  }
}

}  // namespace fabric::detail

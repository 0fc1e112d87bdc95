#include "actors/program/side_work.hpp"

#include <utility>

namespace fabric::actors {

void side_work::run(std::function<news()> work) {
  const std::scoped_lock lock(mutex_);
  if (is_closed_) return;
  waiting_.push_back(std::move(work));
  if (!thread_.joinable()) thread_ = std::thread([this] { this->work(); });
  given_.notify_one();
}

void side_work::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    given_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
    if (is_closed_) return;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    is_busy_ = true;
    lock.unlock();
    auto told = job();
    job = nullptr;  // what it holds goes without the lock
    lock.lock();
    is_busy_ = false;
    if (told) done_.push_back(std::move(told));
    wake_();
  }
}

void side_work::turn() {
  std::vector<news> done;
  {
    const std::scoped_lock lock(mutex_);
    done.swap(done_);
  }
  for (auto& each : done) each();
}

bool side_work::is_idle() const {
  const std::scoped_lock lock(mutex_);
  return !is_busy_ && waiting_.empty() && done_.empty();
}

void side_work::close() {
  {
    std::deque<std::function<news()>> dropped;  // goes without the lock
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
    dropped.swap(waiting_);
    given_.notify_one();
  }
  std::vector<news> unheard;
  if (thread_.joinable()) thread_.join();
  const std::scoped_lock lock(mutex_);
  unheard.swap(done_);
}

}  // namespace fabric::actors

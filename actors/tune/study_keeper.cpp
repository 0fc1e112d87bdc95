#include "actors/tune/study_keeper.hpp"

#include <utility>

namespace fabric::actors {

study_keeper::study_keeper(store::study_store file)
    : file_(std::move(file)), thread_([this] { run(); }) {}

study_keeper::~study_keeper() {
  {
    const std::scoped_lock lock(guard_);
    stopping_ = true;
  }
  something_.notify_one();
  thread_.join();
}

void study_keeper::post(std::function<void(store::study_store&)> work) {
  {
    const std::scoped_lock lock(guard_);
    queue_.push_back(std::move(work));
  }
  something_.notify_one();
}

void study_keeper::run() {
  std::unique_lock lock(guard_);
  for (;;) {
    something_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work(file_);
    lock.lock();
  }
}

}  // namespace fabric::actors

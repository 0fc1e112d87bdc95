#include "actors/daemon/object_janitor.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/objects/tidying.hpp"

namespace fabric::daemon {

object_janitor::object_janitor(objects::store_options which)
    : which_(std::move(which)), thread_([this] { work(); }) {}

object_janitor::~object_janitor() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    ends_.notify_one();
  }
  thread_.join();
  tidy();
}

void object_janitor::work() {
  std::unique_lock lock(mutex_);
  while (!ends_.wait_for(lock, period, [this] { return is_ending_; })) {
    lock.unlock();
    tidy();
    lock.lock();
  }
}

/// Says the same thing once.
void object_janitor::tidy() {
  const auto done = objects::tidy_store(which_);
  auto why = done ? std::string{} : to_line(done.error());
  if (!why.empty() && why != complained_) spdlog::warn("objects: {}", why);
  complained_ = std::move(why);
}

}  // namespace fabric::daemon

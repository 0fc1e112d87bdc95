#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "transport/program_message.hpp"

namespace fabric::actors {

/// Answers to notes of worker processes, on their way to the link's thread. Thread-safe.
class note_replies {
 public:
  using reply = std::pair<program_id, transport::program::note_answer>;

  explicit note_replies(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// Nothing after `close`.
  void put(program_id to, transport::program::note_answer what) {
    const std::scoped_lock lock(mutex_);
    if (is_closed_) return;
    waiting_.emplace_back(to, std::move(what));
    wake_();
  }
  std::vector<reply> fetch() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(waiting_, {});
  }
  void close() {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
  }

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<reply> waiting_;
  bool is_closed_ = false;
};

}  // namespace fabric::actors

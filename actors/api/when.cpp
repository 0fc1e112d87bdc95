#include "fabric/when.hpp"

#include <deque>
#include <mutex>

namespace fabric::detail {

/// What arrives is a state that completes once for each index, so that waiting is that of futures.
struct completion_queue::parts {
  std::mutex mutex;
  std::deque<std::size_t> ready;
  counted<value_state<void>> next{new value_state<void>{desk_ref{}}};
};

completion_queue::completion_queue() : parts_(std::make_unique<parts>()) {}

completion_queue::~completion_queue() = default;

void completion_queue::push(std::size_t index) {
  counted<value_state<void>> next;
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->ready.push_back(index);
    next = parts_->next;
  }
  next->complete(nullptr);
}

std::size_t completion_queue::pop() {
  for (;;) {
    counted<value_state<void>> next;
    {
      const std::lock_guard lock(parts_->mutex);
      if (!parts_->ready.empty()) {
        const auto index = parts_->ready.front();
        parts_->ready.pop_front();
        return index;
      }
      if (parts_->next->now() != phase::pending)
        parts_->next = counted<value_state<void>>{new value_state<void>{desk_ref{}}};
      next = parts_->next;
    }
    next->wait(std::chrono::nanoseconds{-1});
  }
}

}  // namespace fabric::detail

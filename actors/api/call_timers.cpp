#include "actors/api/call_timers.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/api/desk.hpp"

namespace fabric::detail {

void call_timers::set(const std::shared_ptr<seat>& at, std::uint64_t number, instant due) {
  const std::lock_guard lock(mutex_);
  if (is_over_) return;
  const bool is_first = heap_.empty() || due < heap_.front().due;
  heap_.push_back({due, at, number});
  std::ranges::push_heap(heap_, std::less<>{});
  if (!thread_.joinable()) thread_ = std::thread([this] { watch(); });
  if (is_first || heap_.size() == sweep_at_) changed_.notify_one();
}

void call_timers::end() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

std::size_t call_timers::size() const {
  const std::lock_guard lock(mutex_);
  return heap_.size();
}

void call_timers::watch() {
  lock_type lock(mutex_);
  while (!is_over_) {
    if (heap_.size() >= sweep_at_)
      sweep(lock);
    else if (heap_.empty())
      changed_.wait(lock);
    else if (const auto now = clock_now(); heap_.front().due > now)
      changed_.wait_for(lock, heap_.front().due - now);
    else
      expire_first(lock);
  }
}

void call_timers::expire_first(lock_type& lock) {
  std::ranges::pop_heap(heap_, std::less<>{});
  const auto first = std::move(heap_.back());
  heap_.pop_back();
  lock.unlock();
  if (const auto at = first.at.lock()) how_.expire(*at, first.number);
  lock.lock();
}

void call_timers::sweep(lock_type& lock) {
  auto seen = std::exchange(heap_, {});
  lock.unlock();
  std::erase_if(seen, [&](const timer& each) {
    const auto at = each.at.lock();
    return !at || !how_.is_open(*at, each.number);
  });
  lock.lock();
  // By those that were looked at: what came meanwhile may be over, too.
  sweep_at_ = std::max<std::size_t>(1024, 2 * seen.size());
  std::ranges::move(seen, std::back_inserter(heap_));
  std::ranges::make_heap(heap_, std::less<>{});
}

}  // namespace fabric::detail

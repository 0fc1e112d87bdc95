#include <algorithm>

#include "actors/api/local_fleet.hpp"
#include "resources/text.hpp"

namespace fabric::detail {

/// Lent workers come before new ones: calls that have begun wait for them.
void local_fleet::give_back_lent() {
  std::erase_if(claims_, [&](calls::worker_id id) {
    const auto w = find(id);
    if (!w) return true;
    const std::lock_guard lock(w->mutex);
    if (!w->is_lent || !w->wants_back) return true;
    if (!stock_.reserve_again(w->lease, owner_->shape_of(w->pool).needs, w->gpus)) return false;
    w->is_lent = w->wants_back = false;
    tell_later(calls::event::reclaimed{id, w->reclaim_turn});
    advance(w);
    return true;
  });
}

/// Actors come before new workers, in their order: they stay.
void local_fleet::give_holds() {
  while (!waiting_holds_.empty()) {
    auto& next = waiting_holds_.front();
    if (!stock_.fits(next.needs)) return;
    const attempt_id lease{{job_id{++hired_}, 0}, 1};
    static_cast<void>(*stock_.reserve(lease, next.needs));
    holds_[next.token] = lease;
    {
      const std::lock_guard lock(later_mutex_);
      thens_.push_back(std::move(next.then));
      has_later_.store(true, std::memory_order_release);
    }
    waiting_holds_.pop_front();
  }
}

/// The pool with the highest priority goes first, then the one that has least, then the one that
/// was served longest ago. One that has
/// nothing keeps others from taking what it is short of.
void local_fleet::give_workers() {
  if (is_closed_) return;
  give_back_lent();
  give_holds();
  std::vector<std::pair<calls::pool_id, const calls::pool_shape*>> order;
  for (const auto& [id, w] : wishes_)
    if (w.has < w.wanted) order.emplace_back(id, &owner_->shape_of(id));
  calls::pool_id hungry{};
  const demand* kept_for = nullptr;
  if (!claims_.empty()) {  // keeps what it is short of from the others
    hungry = find(claims_.front())->pool;
    kept_for = &owner_->shape_of(hungry).needs;
  }
  const bool holds_wait = !waiting_holds_.empty();
  if (holds_wait && kept_for == nullptr) kept_for = &waiting_holds_.front().needs;
  while (!order.empty()) {
    const auto first = std::ranges::min_element(order, {}, [&](const auto& o) {
      return std::tuple{-o.second->priority, wishes_[o.first].has, wishes_[o.first].last_hired};
    });
    const auto [pool, shape] = *first;
    auto& wish = wishes_[pool];
    if (!stock_.could_ever_fit(shape->needs)) {
      wish.wanted = 0;
      tell_later(calls::event::pool_refused{pool});
      order.erase(first);
      continue;
    }
    const bool is_kept = kept_for != nullptr && is_short_of_the_same(*kept_for, shape->needs);
    if (is_kept || !stock_.fits(shape->needs)) {
      if (hungry.value == 0) hungry = pool;
      if (wish.has == 0 && kept_for == nullptr) kept_for = &shape->needs;
      order.erase(first);
      continue;
    }
    hire(pool, *shape);
    if (++wish.has >= wish.wanted) order.erase(first);
  }
  const bool has_rivals = std::ranges::any_of(
      wishes_, [&](const auto& w) { return w.first != hungry && w.second.has > 0; });
  if (!has_rivals) hungry = {};
  const bool was_pressed = pressed_by_.value != 0 || is_pressed_by_holds_;
  pressed_by_ = hungry;
  is_pressed_by_holds_ =
      holds_wait && std::ranges::any_of(wishes_, [](const auto& w) { return w.second.has > 0; });
  const bool is_pressed = hungry.value != 0 || is_pressed_by_holds_;
  if (!is_pressed && !was_pressed) return;
  tell_later(calls::event::pressure{is_pressed, is_pressed_by_holds_ ? calls::pool_id{} : hungry});
}

bool local_fleet::is_short_of_the_same(const demand& first, const demand& other) const {
  return std::ranges::any_of(first.amounts, [&](const auto& need) {
    // There may be enough GPUs in sum, and none as it needs them.
    return (need.first == gpu || stock_.free()[need.first] < need.second) &&
           other.amounts[need.first].value > 0;
  });
}

void local_fleet::hire(calls::pool_id pool, const calls::pool_shape& shape) {
  auto w = std::make_shared<local_worker>();
  w->id = {++hired_};
  w->pool = pool;
  wishes_[pool].last_hired = hired_;
  w->lease = {{job_id{hired_}, 0}, 1};
  w->gpus = *stock_.reserve(w->lease, shape.needs);
  workers_.emplace(w->id, w);
  tell_later(calls::event::worker_ready{w->id, pool, local_worker::slots});
}

std::string local_fleet::why_infeasible(const demand& needs) const {
  const std::lock_guard lock(mutex_);
  std::string text = "this machine can never run it:";
  for (const auto& [name, amount] : needs.amounts)
    if (stock_.total().amounts[name] < amount) {
      const bool is_bytes = name == memory;
      const auto spelt = [&](milli m) { return is_bytes ? bytes_to_string(m) : to_string(m); };
      text += " it needs " + name + " " + spelt(amount) + " and there is " +
              spelt(stock_.total().amounts[name]) + ";";
    }
  for (const auto& condition : needs.where)
    if (!satisfies(stock_.total().labels, condition))
      text += " it wants " + to_string(condition) + " and the label is " +
              (stock_.total().labels.contains(condition.key)
                   ? quoted(stock_.total().labels.at(condition.key))
                   : std::string("not set")) +
              ";";
  text.back() = '.';
  text.pop_back();
  return text;
}

}  // namespace fabric::detail

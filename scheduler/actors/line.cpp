#include "scheduler/actors/line.hpp"

#include <algorithm>
#include <utility>

#include "scheduler/mutant.hpp"

namespace fabric::roster {

line::call* line::find(call_number which) {
  if (which < first_ || which - first_ >= calls_.size()) return nullptr;
  return &calls_[which - first_];
}

line::entrance line::enter(bool is_ready, bool may_repeat, orders& out) {
  if (is_gone_) return entrance::dead;
  if (pending_ >= how_.pending_max) return entrance::full;
  calls_.push_back({is_ready ? state::waiting : state::unready, may_repeat});
  ++pending_;
  flow(out);
  return entrance::entered;
}

void line::ready(call_number which, orders& out) {
  auto* c = find(which);
  if (c == nullptr || c->now != state::unready) return;
  c->now = state::waiting;
  flow(out);
}

void line::drop(call_number which, orders& out) {
  auto* c = find(which);
  if (c == nullptr) return;
  if (c->now == state::unready || c->now == state::waiting) {
    over(*c);
  } else if (c->now == state::sent) {
    c->now = state::dropped;
    out.emplace_back(line_command::stop{which, life_});
  }
  flow(out);
}

void line::alive(incarnation life, host_id where, orders& out) {
  if (is_gone_ || life <= std::max(life_, next_life_)) return;
  is_up_ = false;
  next_life_ = life;
  next_host_ = where;
  flow(out);
}

void line::down() { is_up_ = false; }

void line::gone(bool at_once, orders& out) {
  if (std::exchange(is_gone_, true)) return;
  is_up_ = false;
  next_life_ = 0;
  for (call_number which = first_; which <= last(); ++which) {
    auto& c = *find(which);
    const bool was_sent = c.now == state::sent;
    if (c.now == state::over || (was_sent && !at_once)) continue;
    if (c.now == state::dropped) {
      if (at_once) over(c), --open_;
      continue;
    }
    if (was_sent) --open_;
    over(c);
    out.emplace_back(line_command::dead{which, was_sent});
  }
  tidy();
}

void line::host_lost(host_id where, orders& out) {
  if (where == next_host_ && next_life_ != 0) {
    next_host_ = {};
    next_life_ = 0;
  }
  if (where != host_ || host_ == host_id{}) return;
  is_up_ = false;
  host_ = {};
  for (call_number which = first_; which <= last(); ++which) {
    auto& c = *find(which);
    if (c.now != state::sent && c.now != state::dropped) continue;
    --open_;
    if (c.now == state::dropped || mutant::is_on("lost_calls_forgotten")) {
      over(c);
    } else if (is_gone_) {
      over(c);
      out.emplace_back(line_command::dead{which, true});
    } else if (c.may_repeat || mutant::is_on("lost_calls_repeated")) {
      back(which, c, out);
    } else {
      over(c);
      out.emplace_back(line_command::unknown{which});
    }
  }
  flow(out);
}

bool line::answered(call_number which, incarnation life, answer how, orders& out) {
  auto* c = find(which);
  if (c == nullptr || life != life_) return false;
  if (c->now != state::sent && c->now != state::dropped) return false;
  const bool is_wanted = c->now == state::sent;
  --open_;
  if (how == answer::unbegun) is_up_ = false;  // nothing more is begun in this life
  if (how == answer::unbegun && is_wanted)
    back(which, *c, out);
  else
    over(*c);
  flow(out);
  return is_wanted && how == answer::done;
}

/// It waits again, in its old place.
void line::back(call_number which, call& c, orders& out) {
  if (is_gone_) {
    over(c);
    out.emplace_back(line_command::dead{which, false});
    return;
  }
  c.now = state::waiting;
  if (!mutant::is_on("unbegun_calls_last")) next_ = std::min(next_, which);
}

void line::over(call& c) {
  c.now = state::over;
  --pending_;
}

/// Sends what may be sent.
void line::flow(orders& out) {
  if (next_life_ != 0 && (open_ == 0 || mutant::is_on("lives_mixed"))) {
    life_ = std::exchange(next_life_, 0);
    host_ = std::exchange(next_host_, {});
    is_up_ = true;
  }
  for (; is_up_ && next_ <= last(); ++next_) {
    auto& c = *find(next_);
    if (c.now == state::unready && !mutant::is_on("unready_calls_overtaken")) break;
    if (c.now != state::waiting) continue;
    c.now = state::sent;
    ++open_;
    out.emplace_back(line_command::send{next_, life_});
  }
  tidy();
}

void line::tidy() {
  for (; !calls_.empty() && calls_.front().now == state::over; calls_.pop_front()) ++first_;
  next_ = std::max(next_, first_);
}

std::string line::broken_invariant() const {
  std::size_t pending = 0;
  std::size_t open = 0;
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    const auto now = calls_[i].now;
    pending += now != state::over ? 1U : 0U;
    open += now == state::sent || now == state::dropped ? 1U : 0U;
    if (now == state::waiting && first_ + i < next_) return "a call that waits is passed over";
    if (now == state::waiting && is_gone_) return "a call waits for an actor that is gone";
  }
  if (pending != pending_) return "calls that are not over are miscounted";
  if (open != open_) return "calls that were sent are miscounted";
  if (pending_ > how_.pending_max) return "more calls are pending than may be";
  return {};
}

}  // namespace fabric::roster

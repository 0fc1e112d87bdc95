#include "scheduler/waiting_line.hpp"

#include <algorithm>

namespace fabric::scheduler {

standing standing_of(const job_entry& j, std::size_t held, duration aging) {
  const std::int64_t lead = j.what.shape().priority * aging.count();
  if (held > 0) return {true, static_cast<std::int64_t>(held) - lead, j.id};
  return {false, j.unserved_since().time_since_epoch().count() - lead, j.id};
}

bool job_line::contains(const standing& s) const {
  return (s.holds ? served_ : resting_).contains({s.key, s.job});
}

standing job_line::head(instant now) const {
  if (served_.empty()) return {false, resting_.begin()->first, resting_.begin()->second};
  const standing served{true, served_.begin()->first, served_.begin()->second};
  const auto resting = first_resting();
  if (resting && resting->height(now) >= served.height(now)) return *resting;
  return served;
}

std::optional<standing> job_line::first_resting() const {
  if (resting_.empty()) return std::nullopt;
  return standing{false, resting_.begin()->first, resting_.begin()->second};
}

class_number waiting_line::join(const demand& needs) {
  const auto [at, is_new] = numbers_.try_emplace(needs, next_);
  if (is_new) {
    auto made = std::make_unique<demand_class>();
    made->needs = needs;
    classes_.emplace(next_++, std::move(made));
  }
  ++of(at->second).jobs;
  return at->second;
}

void waiting_line::part(class_number number) {
  --of(number).jobs;
  tidy(number);
}

bool waiting_line::line_changed(class_number number) {
  auto& c = of(number);
  const auto idle = std::find(idle_.begin(), idle_.end(), number);
  if (!c.line.empty()) {
    if (idle != idle_.end()) idle_.erase(idle);
    if (c.is_indexed) return false;
    c.is_indexed = true;
    indexed_.insert(number);
    return true;
  }
  if (!c.is_indexed || idle != idle_.end()) return false;
  idle_.push_back(number);
  if (idle_.size() > idle_indexes_max) {
    const class_number oldest = idle_.front();
    idle_.erase(idle_.begin());
    drop_index(oldest);
  }
  return false;
}

void waiting_line::drop_index(class_number number) {
  auto& c = of(number);
  c.is_indexed = false;
  c.fitting.clear();
  indexed_.erase(number);
  tidy(number);
}

void waiting_line::tidy(class_number number) {
  const auto& c = of(number);
  if (c.jobs > 0 || c.is_indexed || c.saving) return;
  numbers_.erase(c.needs);
  classes_.erase(number);
}

bool waiting_line::is_consistent() const {
  if (numbers_.size() != classes_.size() || idle_.size() > idle_indexes_max) return false;
  for (const auto& [needs, number] : numbers_) {
    const auto& c = of(number);
    if (c.needs != needs || c.is_indexed != indexed_.contains(number)) return false;
    const bool is_idle = std::find(idle_.begin(), idle_.end(), number) != idle_.end();
    if (!c.line.empty() && (!c.is_indexed || is_idle)) return false;
    if (c.line.empty() && c.is_indexed && !is_idle) return false;
    if (!c.is_indexed && c.fitting.size() > 0) return false;
    if (!c.fitting.is_consistent()) return false;
    if (c.jobs == 0 && !c.is_indexed && !c.saving) return false;
  }
  return true;
}

}  // namespace fabric::scheduler

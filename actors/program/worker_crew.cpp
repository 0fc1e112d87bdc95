#include "actors/program/worker_crew.hpp"

#include <algorithm>
#include <utility>

namespace fabric::actors {

void worker_crew::want(calls::pool_id id, std::uint32_t workers) { pools_[id].wanted = workers; }

std::vector<worker_crew::order> worker_crew::orders(instant now) {
  std::vector<order> all;
  looked_at_ = now;
  for (auto& [id, p] : pools_) {
    if (p.starting == 0 || p.wanted <= p.working)
      p.waits_since = never;
    else if (p.is_fed || p.waits_since == never)
      p.waits_since = now;
    const bool is_alone = opening_ == opening::one_first && !p.is_open;
    const std::uint32_t first = is_alone ? p.room_before_opening(now) : starting_max;
    p.is_fed = false;
    const std::uint32_t have = p.asked + p.starting + p.working;
    if (p.wanted >= have || p.starting == 0)
      p.surplus_until = never;
    else if (p.surplus_until == never)
      p.surplus_until = now + surplus_patience;
    if (p.wanted > have) {
      const std::uint32_t coming = p.asked + p.starting;
      const std::uint32_t most = std::max(starting_max, p.working);
      const std::uint32_t count =
          std::min({p.wanted - have, coming < most ? most - coming : std::uint32_t{0}, first});
      if (count == 0 || now < p.resumes_at) continue;
      p.resumes_at = instant{};
      p.asked += count;
      unanswered_[++submissions_] = {id, count};
      all.emplace_back(submit{id, count, submissions_});
    } else if (p.surplus_until <= now) {
      p.surplus_until = never;
      std::uint32_t surplus = std::min(have - p.wanted, p.starting);
      for (auto at = places_.rbegin(); at != places_.rend() && surplus > 0; ++at) {
        auto& [task, one] = *at;
        if (one.pool != id || one.attempt != 0 || one.is_leaving) continue;
        one.is_leaving = true;
        --p.starting;
        --surplus;
        all.emplace_back(cancel{task});
      }
    }
  }
  return all;
}

std::optional<calls::pool_id> worker_crew::hungry(instant now) const {
  for (const auto& [id, p] : pools_)
    if (p.waits_since != never && p.waits_since + hunger_patience <= now) return id;
  return std::nullopt;
}

instant worker_crew::next_wakeup() const {
  instant next = never;
  for (const auto& [id, p] : pools_) {
    next = std::min({next, p.surplus_until, p.opens_at});
    if (p.resumes_at != instant{}) next = std::min(next, p.resumes_at);
    if (p.waits_since != never && p.waits_since + hunger_patience > looked_at_)
      next = std::min(next, p.waits_since + hunger_patience);
  }
  return next;
}

void worker_crew::submitted(std::uint64_t number, std::optional<job_id> job) {
  const auto found = unanswered_.find(number);
  if (found == unanswered_.end()) return;
  const submission what = found->second;
  unanswered_.erase(found);
  auto& p = pools_[what.pool];
  p.asked -= what.count;
  if (!job) return;
  for (std::uint32_t i = 0; i < what.count; ++i) places_[{*job, i}] = {.pool = what.pool};
  p.starting += what.count;
}

worker_crew::arrival worker_crew::came(attempt_id attempt, program_id process) {
  arrival out;
  const auto found = places_.find(attempt.task);
  if (found == places_.end() || attempt.attempt <= found->second.attempt) return out;
  auto& one = found->second;
  auto& p = pools_[one.pool];
  if (one.worker != calls::worker_id{}) {
    out.replaced = one.worker;
    by_worker_.erase(one.worker);
    by_process_.erase(one.process);
  } else if (!one.is_leaving) {
    --p.starting;
    ++p.working;
  }
  one.attempt = attempt.attempt;
  one.worker = calls::worker_id{++workers_};
  one.process = process;
  one.has_served = true;
  p.starts_anew();
  p.is_fed = true;
  by_worker_[one.worker] = attempt.task;
  by_process_[process] = attempt.task;
  if (!one.is_leaving) out.fresh = serving{one.worker, one.pool, process};
  return out;
}

bool worker_crew::pool::is_too_much(way how) {
  if (how == way::failed) ++failed_starts;
  if (how == way::killed) ++killed_starts;
  return failed_starts >= failed_starts_max || killed_starts >= killed_starts_max;
}

std::uint32_t worker_crew::pool::room_before_opening(instant now) {
  if (is_fed) opens_at = std::min(opens_at, now + trial);
  if (opens_at <= now) {
    is_open = true;
    opens_at = never;
    return starting_max;
  }
  if (asked + starting + working > 0) return 0;
  opens_at = now + first_patience;
  return 1;
}

void worker_crew::pool::starts_anew() { failed_starts = killed_starts = 0; }

worker_crew::ended worker_crew::finished(task_id task, way how, instant now) {
  ended out;
  const auto found = places_.find(task);
  if (found == places_.end()) return out;
  const place one = found->second;
  places_.erase(found);
  auto& p = pools_[one.pool];
  if (one.worker != calls::worker_id{}) {
    out.worker = one.worker;
    out.process = one.process;
    by_worker_.erase(one.worker);
    by_process_.erase(one.process);
    if (!one.is_leaving) --p.working;
  } else if (!one.is_leaving) {
    --p.starting;
  }
  if (!one.has_served && !one.is_leaving && p.is_too_much(how)) {
    p.starts_anew();
    if (p.working > 0) {
      p.resumes_at = now + failed_starts_patience;
    } else {
      p.wanted = 0;
      out.hopeless = one.pool;
    }
  }
  return out;
}

std::optional<worker_crew::serving> worker_crew::lost(program_id process) {
  const auto found = by_process_.find(process);
  if (found == by_process_.end()) return std::nullopt;
  auto& one = places_.at(found->second);
  return serving{one.worker, one.pool, process};
}

std::optional<worker_crew::serving> worker_crew::find(calls::worker_id worker) const {
  const auto found = by_worker_.find(worker);
  if (found == by_worker_.end()) return std::nullopt;
  const auto& one = places_.at(found->second);
  return serving{worker, one.pool, one.process};
}

bool worker_crew::has_workers(calls::pool_id id) const {
  const auto found = pools_.find(id);
  return found != pools_.end() && found->second.working > 0;
}

std::vector<task_id> worker_crew::give_up(calls::pool_id id) {
  std::vector<task_id> off;
  for (auto& [task, one] : places_) {
    if (one.pool != id || one.attempt != 0 || std::exchange(one.is_leaving, true)) continue;
    --pools_[id].starting;
    off.push_back(task);
  }
  pools_[id].wanted = 0;
  return off;
}

void worker_crew::retired(calls::worker_id worker) {
  const auto found = by_worker_.find(worker);
  if (found == by_worker_.end()) return;
  auto& one = places_.at(found->second);
  if (!std::exchange(one.is_leaving, true)) --pools_[one.pool].working;
}

std::optional<calls::worker_id> worker_crew::worker_of(program_id process) const {
  const auto found = by_process_.find(process);
  if (found == by_process_.end()) return std::nullopt;
  return places_.at(found->second).worker;
}

std::optional<task_id> worker_crew::task_of(calls::worker_id worker) const {
  const auto found = by_worker_.find(worker);
  if (found == by_worker_.end()) return std::nullopt;
  return found->second;
}

std::optional<attempt_id> worker_crew::attempt_of(calls::worker_id worker) const {
  const auto task = task_of(worker);
  if (!task) return std::nullopt;
  return attempt_id{*task, places_.at(*task).attempt};
}

std::vector<job_id> worker_crew::jobs() const {
  std::vector<job_id> all;
  for (const auto& [task, one] : places_)
    if (all.empty() || all.back() != task.job) all.push_back(task.job);
  return all;
}

}  // namespace fabric::actors

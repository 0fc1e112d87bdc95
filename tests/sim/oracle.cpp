#include "tests/sim/oracle.hpp"

#include <cmath>
#include <cstdlib>

#include "transport/codec.hpp"

namespace fabric::sim {

namespace core = scheduler;

void oracle::object(std::string what) {
  if (finding_.empty()) finding_ = std::move(what);
}

void oracle::demand_whole(const std::string& who, const std::string& broken_invariant) {
  if (!broken_invariant.empty()) object(who + ": " + broken_invariant);
}

std::uint64_t oracle::run_started(attempt_id id, node_id node, const std::vector<gpu_share>& gpus) {
  check_overlap(id, node);
  check_gpus(node, gpus);
  runs_.push_back({id, node, gpus, false, false, core::ending::succeeded});
  const std::uint64_t number = runs_.size() - 1;
  alive_[id.task] = number;
  run_of_[id] = number;
  return number;
}

void oracle::check_overlap(attempt_id id, node_id node) {
  if (const auto other = alive_.find(id.task); other != alive_.end()) {
    const auto& r = runs_[other->second];
    object("two processes of one task at once: " + to_string(r.id) + " on node " +
           to_string(r.node) + " still runs when " + to_string(id) + " starts on node " +
           to_string(node));
  }
  if (run_of_.contains(id)) object("attempt " + to_string(id) + " is started a second time");
  if (const auto done = finals_.find(id.task); done != finals_.end())
    object("attempt " + to_string(id) + " starts although the task is recorded " +
           std::string(name_of(done->second.state)));
}

void oracle::check_gpus(node_id node, const std::vector<gpu_share>& gpus) {
  for (const auto& wanted : gpus) {
    milli sum = wanted.share;
    for (const auto& [task, number] : alive_) {
      if (runs_[number].node != node) continue;
      for (const auto& held : runs_[number].gpus)
        if (held.id == wanted.id) sum += held.share;
    }
    if (sum > units(1))
      object("GPU " + wanted.id + " of node " + to_string(node) + " is given out twice");
  }
}

void oracle::run_ended(std::uint64_t number, core::ending how, bool by_itself) {
  auto& r = runs_[number];
  r.is_over = true;
  r.how = how;
  r.by_itself = by_itself;
  if (const auto alive = alive_.find(r.id.task); alive != alive_.end() && alive->second == number)
    alive_.erase(alive);
}

void oracle::committed(std::span<const core::record_type> records) {
  for (const auto& r : records) {
    if (const auto* finished = std::get_if<core::record::task_finished>(&r)) committed(*finished);
    if (const auto* granted = std::get_if<core::record::attempt_granted>(&r)) committed(*granted);
  }
}

void oracle::committed(const core::record::attempt_granted& r) {
  if (cancelled_.contains(r.id.task.job))
    object("attempt " + to_string(r.id) + " is granted after its cancel was acknowledged");
}

void oracle::committed(const core::record::task_finished& r) {
  const std::string who = "task " + to_string(r.task);
  const auto [at, is_new] = finals_.try_emplace(r.task, final_state{r.state, r.attempt});
  if (!is_new) {
    object(who + " is recorded a second time, as " + std::string(name_of(r.state)));
    return;
  }
  if (r.state != core::task_state::succeeded && r.state != core::task_state::failed) return;
  const auto number = run_named_by(r.report);
  if (!number) {
    object(who + " is recorded " + std::string(name_of(r.state)) + " without a run's report");
    return;
  }
  const auto& it = runs_[*number];
  const bool is_that_run = it.id == attempt_id{r.task, r.attempt} && it.node == r.node;
  const bool is_that_end =
      r.state == core::task_state::succeeded
          ? it.how == core::ending::succeeded
          : it.how == core::ending::failed || it.how == core::ending::timed_out;
  if (!is_that_run || !it.is_over || !it.by_itself || !is_that_end)
    object(who + " is recorded " + std::string(name_of(r.state)) + " by attempt " +
           std::to_string(r.attempt) + ", which did not run to that end");
}

std::optional<std::uint64_t> oracle::run_named_by(const std::string& report) const {
  const auto body = transport::decode_task_report(report);
  if (!body || body->detail.empty()) return std::nullopt;
  const auto number = std::strtoull(body->detail.c_str(), nullptr, 10);
  return number < runs_.size() ? std::optional{number} : std::nullopt;
}

void oracle::submission_acknowledged(const std::string& key, const std::string& payload, job_id job,
                                     const store_model& store) {
  const auto found = store.jobs().find(job);
  if (found == store.jobs().end()) {
    object("job " + to_string(job) + " is acknowledged and not stored");
    return;
  }
  if (found->second.what->payload != payload)
    object("job " + to_string(job) + " is acknowledged for other work than was submitted");
  if (key.empty()) return;
  key_of_[job] = key;
  const auto [at, is_new] = promised_.try_emplace(key, job);
  if (!is_new && at->second != job)
    object("key " + key + " made two jobs: " + to_string(at->second) + " and " + to_string(job));
}

void oracle::told_final(task_id task, core::task_state state) {
  const auto found = finals_.find(task);
  if (found != finals_.end() && found->second.state != state)
    object("a client is told that task " + to_string(task) + " is " + std::string(name_of(state)) +
           ", recorded is " + std::string(name_of(found->second.state)));
  if (found == finals_.end() && state == core::task_state::succeeded)
    object("a client is told of a success of task " + to_string(task) + " that is not recorded");
}

std::string oracle::trial_key(std::uint64_t trial, attempt_number attempt) {
  return "study/" + std::to_string(trial) + "/" + std::to_string(attempt);
}

double oracle::value_of(std::uint64_t point, std::uint64_t run) {
  return static_cast<double>(point) + static_cast<double>(run) / (1 << 20);
}

void oracle::trial_complete(std::uint64_t point, std::uint64_t trial, attempt_number attempt,
                            double value) {
  const std::string who =
      "point " + std::to_string(point) + " (trial " + std::to_string(trial) + ")";
  if (!points_.emplace(point, value).second) object(who + " is recorded complete twice");
  const double whole = std::floor(value);
  const auto number = static_cast<std::uint64_t>((value - whole) * (1 << 20));
  if (static_cast<std::uint64_t>(whole) != point || number >= runs_.size() ||
      !runs_[number].is_over || !runs_[number].by_itself) {
    object(who + " is recorded with a value that no run of it gave");
    return;
  }
  const auto& id = runs_[number].id;
  if (const auto f = finals_.find(id.task); f == finals_.end() || f->second.attempt != id.attempt)
    object(who + " takes its value from a run whose result is not recorded");
  if (const auto key = key_of_.find(id.task.job);
      key == key_of_.end() || key->second != trial_key(trial, attempt))
    object(who + " takes the value of another attempt than its number " + std::to_string(attempt));
}

oracle::totals oracle::count() const {
  std::uint64_t with_result = 0;
  for (const auto& r : runs_) {
    const auto f = finals_.find(r.id.task);
    if (f != finals_.end() && f->second.attempt == r.id.attempt) ++with_result;
  }
  return {runs_.size(), runs_.size() - with_result, finals_.size()};
}

}  // namespace fabric::sim

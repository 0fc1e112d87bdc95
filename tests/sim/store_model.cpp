#include "tests/sim/store_model.hpp"

namespace fabric::sim {

namespace core = scheduler;

core::task_state store_model::job_rows::state_of(std::uint32_t index) const {
  const auto found = touched.find(index);
  if (found != touched.end()) return found->second.state;
  return cancelled ? core::task_state::cancelled : core::task_state::queued;
}

bool store_model::job_rows::is_done() const {
  if (!cancelled && touched.size() < what->count) return false;
  for (const auto& [index, r] : touched)
    if (!core::is_final(r.state)) return false;
  return true;
}

bool store_model::job_rows::all_succeeded() const {
  std::uint32_t good = 0;
  for (const auto& [index, r] : touched)
    if (r.state == core::task_state::succeeded) ++good;
  return good == what->count;
}

struct store_model::writer {
  store_model& store;

  std::string touch(task_id task, job_rows*& rows) {
    const auto found = store.jobs_.find(task.job);
    if (found == store.jobs_.end()) return "task " + to_string(task) + " is of no known job";
    const auto& what = *found->second.what;
    if (task.index < what.first_index || task.index - what.first_index >= what.count)
      return "task " + to_string(task) + " is not of its job";
    rows = &found->second;
    return {};
  }

  std::string open_row(task_id task, bool is_new_allowed, row*& into) {
    job_rows* rows = nullptr;
    if (auto broken = touch(task, rows); !broken.empty()) return broken;
    if (rows->cancelled && (!is_new_allowed || !rows->touched.contains(task.index)))
      return "task " + to_string(task) + " is of a cancelled job";
    into = &rows->touched[task.index];
    if (core::is_final(into->state)) return "task " + to_string(task) + " is final already";
    return {};
  }

  std::string apply(const core::record::job_added& r) {
    if (store.jobs_.contains(r.id)) return "job " + to_string(r.id) + " exists already";
    if (!r.what->key.empty() && !store.keys_.emplace(r.what->key, r.id).second)
      return "key " + r.what->key + " exists already";
    store.jobs_[r.id].what = r.what;
    return {};
  }
  std::string apply(const core::record::attempt_granted& r) {
    row* at = nullptr;
    if (auto broken = open_row(r.id.task, false, at); !broken.empty()) return broken;
    if (r.id.attempt <= at->attempt) return to_string(r.id) + " does not exceed the last attempt";
    at->state = core::task_state::running;
    at->attempt = r.id.attempt;
    at->node = r.node;
    at->gpus = r.gpus;
    return {};
  }
  std::string apply(const core::record::task_released& r) {
    row* at = nullptr;
    if (auto broken = open_row(r.task, false, at); !broken.empty()) return broken;
    if (r.last_attempt < at->attempt)
      return "task " + to_string(r.task) + " is released by an old attempt";
    *at = {core::task_state::queued, r.last_attempt, {}, {}, r.failures, r.crashes, r.lost, {}};
    return {};
  }
  std::string apply(const core::record::task_finished& r) {
    row* at = nullptr;
    if (auto broken = open_row(r.task, true, at); !broken.empty()) return broken;
    if (!core::is_final(r.state)) return "task " + to_string(r.task) + " ends without being final";
    *at = {r.state, r.attempt, r.node, {}, r.failures, at->crashes, r.lost, r.report};
    return {};
  }
  std::string apply(const core::record::job_cancelled& r) {
    const auto found = store.jobs_.find(r.job);
    if (found == store.jobs_.end() || found->second.cancelled)
      return "job " + to_string(r.job) + " is unknown or cancelled before";
    found->second.cancelled = true;
    for (auto& [index, task] : found->second.touched)
      if (task.state == core::task_state::queued) task.state = core::task_state::cancelled;
    return {};
  }
  std::string apply(const core::record::node_seen& r) {
    store.nodes_.insert_or_assign(r.node, r);
    return {};
  }
  std::string apply(const core::record::node_forgotten& r) {
    store.nodes_.erase(r.node);
    return {};
  }
};

std::string store_model::commit(std::span<const core::record_type> records) {
  writer w{*this};
  for (const auto& r : records) {
    auto broken = std::visit([&](const auto& one) { return w.apply(one); }, r);
    if (!broken.empty()) return "the store refuses a record: " + broken;
  }
  return {};
}

core::snapshot store_model::load() const {
  core::snapshot content;
  for (const auto& [id, rows] : jobs_) {
    content.last_job = id;
    if (rows.is_done()) {
      content.finished.push_back(
          {id, rows.all_succeeded(), rows.what->key, core::content_hash(*rows.what)});
      continue;
    }
    core::snapshot::job_row out{id, rows.what, rows.cancelled, {}};
    for (const auto& [index, r] : rows.touched)
      out.touched.push_back(
          {index, r.state, r.attempt, r.node, r.gpus, r.failures, r.crashes, r.lost});
    content.jobs.push_back(std::move(out));
  }
  for (const auto& [id, seen] : nodes_) content.nodes.push_back(seen);
  return content;
}

const store_model::row* store_model::find(task_id task) const {
  const auto job = jobs_.find(task.job);
  if (job == jobs_.end()) return nullptr;
  const auto found = job->second.touched.find(task.index);
  return found == job->second.touched.end() ? nullptr : &found->second;
}

}  // namespace fabric::sim

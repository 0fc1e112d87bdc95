#include "actors/inspect/listings.hpp"

#include <algorithm>
#include <utility>

#include "actors/inspect/arguments.hpp"

namespace fabric::actors::inspect {

json nodes_of(const context& from) {
  json all = json::array();
  for (const auto& node : from.core.nodes()) all.push_back(to_json(node, from.at));
  return all;
}

json studies_of(const std::map<std::string, study_sum>& sums) {
  json all = json::array();
  for (const auto& [name, sum] : sums)
    all.push_back({{"name", name},
                   {"running", sum.running},
                   {"waiting", sum.waiting},
                   {"finished", sum.finished}});
  return all;
}

std::map<std::string, study_sum> live_studies(const context& from) {
  std::map<std::string, study_sum> sums;
  for (const auto& job : from.core.jobs(list_limit_max)) {
    if (job.what->study.empty()) continue;
    auto& sum = sums[job.what->study];
    sum.running += job.held;
    sum.waiting += job.waiting;
  }
  return sums;
}

json summary_of(store::head_store& rows, const store::stored_job& job) {
  scheduler::job_view view{.id = job.id, .what = job.what, .cancelled = job.cancelled};
  std::uint32_t from = 0;
  std::size_t touched = 0;
  for (;;) {
    auto page = rows.tasks(job.id, from, 10'000);
    if (!page || page->empty()) break;
    for (const auto& task : *page) {
      ++touched;
      using enum scheduler::task_state;
      if (task.state == succeeded)
        ++view.succeeded;
      else if (task.state == cancelled)
        ++view.cancelled_tasks;
      else if (is_final(task.state))
        ++view.failed;
      else
        ++view.waiting;
    }
    from = page->back().id.index + 1;
    if (from == 0) break;
  }
  const std::size_t untouched = job.what->count - std::min<std::size_t>(touched, job.what->count);
  (job.cancelled ? view.cancelled_tasks : view.waiting) += untouched;
  auto j = to_json(view);
  j["submitted"] = time_of(job.submitted_ms);
  return j;
}

namespace {

stored_answer list_jobs(const context& from, const question& what, const json& arguments) {
  const auto limit = limit_of(arguments);
  const auto state = text_at(arguments, "state");
  std::map<job_id, json> live;
  for (const auto& job : from.core.jobs(limit)) live.emplace(job.id, to_json(job));
  return [what, limit, state, live](store::head_store& rows) {
    json all = json::array();
    job_id before{};
    while (all.size() < limit) {
      auto page = rows.jobs(before, 256);
      if (!page) return refused(what, page.error());
      if (page->empty()) break;
      for (const auto& job : *page) {
        auto known = live.find(job.id);
        auto j = known != live.end() ? known->second : summary_of(rows, job);
        if (known != live.end()) j["submitted"] = time_of(job.submitted_ms);
        if ((state.empty() || j["state"] == state) && all.size() < limit)
          all.push_back(std::move(j));
      }
      before = page->back().id;
    }
    return ready(what, {{"jobs", std::move(all)}});
  };
}

stored_answer list_studies(const context& from, const question& what) {
  auto sums = live_studies(from);
  return [what, sums](store::head_store& rows) mutable {
    job_id before{};
    for (std::size_t seen = 0; seen < list_limit_max;) {
      auto page = rows.jobs(before, 1000);
      if (!page) return refused(what, page.error());
      if (page->empty()) break;
      for (const auto& job : *page)
        if (!job.what->study.empty()) ++sums[job.what->study].finished;
      seen += page->size();
      before = page->back().id;
    }
    for (auto& [name, sum] : sums)
      sum.finished -= std::min(sum.finished, sum.running + sum.waiting);
    return ready(what, {{"studies", studies_of(sums)}});
  };
}

std::optional<scheduler::task_state> task_state_named(std::string_view name) {
  for (auto state = scheduler::task_state::blocked;;
       state = scheduler::task_state(int(state) + 1)) {
    if (scheduler::name_of(state) == name) return state;
    if (state == scheduler::task_state::expired) return std::nullopt;
  }
}

/// What a listing of tasks asks for, and what it has so far.
struct task_list {
  std::optional<scheduler::task_state> state;
  std::size_t limit = 0;
  json rows = json::array();

  [[nodiscard]] bool is_full() const { return rows.size() >= limit; }
  [[nodiscard]] bool wants(scheduler::task_state which) const {
    return !is_full() && (!state || *state == which);
  }
};

/// A job's tasks that are over. Of a cancelled job those that never began have no row in the store.
result<void> add_ended(task_list& to, store::head_store& rows, const store::stored_job& job) {
  using scheduler::task_state;
  constexpr std::size_t page_size = 1000;
  const auto& what = *job.what;
  const bool has_gaps = job.cancelled && to.wants(task_state::cancelled);
  std::uint64_t next = what.first_index;
  const auto fill_up_to = [&](std::uint64_t end) {
    for (; has_gaps && next < end && !to.is_full(); ++next)
      to.rows.push_back(to_json(
          scheduler::task_view{.id = {job.id, std::uint32_t(next)}, .state = task_state::cancelled},
          what.is_array));
  };
  const std::uint64_t end = std::uint64_t{what.first_index} + what.count;
  while (next < end && !to.is_full()) {
    const auto page = rows.tasks(job.id, static_cast<std::uint32_t>(next), page_size,
                                 has_gaps ? std::nullopt : to.state);
    if (!page) return page.error();
    for (const auto& task : *page) {
      fill_up_to(task.id.index);
      if (is_final(task.state) && to.wants(task.state))
        to.rows.push_back(to_json(task, what.is_array));
      next = std::uint64_t{task.id.index} + 1;
    }
    if (page->size() < page_size) break;
  }
  fill_up_to(end);
  return {};
}

stored_answer list_tasks(const context& from, const question& what, const json& arguments) {
  task_list found{.limit = limit_of(arguments)};
  if (const auto state = text_at(arguments, "state"); !state.empty()) {
    found.state = task_state_named(state);
    if (!found.state) found.limit = 0;
  }
  const auto only = parse_job_or_task(text_at(arguments, "job"));
  for (const auto& job : from.core.jobs(list_limit_max)) {
    if (found.is_full()) break;
    if (only && only->job != job.id) continue;
    const auto room = found.limit - found.rows.size();
    for (const auto& task : from.core.open_tasks(job.id, found.state, room))
      found.rows.push_back(to_json(task, job.what->is_array));
  }
  return [what, only, found](store::head_store& rows) {
    auto all = found;
    if (only) {
      const auto job = rows.job(only->job);
      if (!job) return refused(what, job.error());
      if (!*job) return refused(what, unknown_task(to_string(only->job)));
      if (auto added = add_ended(all, rows, **job); !added) return refused(what, added.error());
      return ready(what, {{"tasks", std::move(all.rows)}});
    }
    const bool may_be_over = !all.state || is_final(*all.state);
    for (job_id before{}; may_be_over && !all.is_full();) {
      const auto page = rows.jobs(before, 256);
      if (!page) return refused(what, page.error());
      if (page->empty()) break;
      for (const auto& job : *page)
        if (auto added = add_ended(all, rows, job); !added) return refused(what, added.error());
      before = page->back().id;
    }
    return ready(what, {{"tasks", std::move(all.rows)}});
  };
}

}  // namespace

std::variant<reply, stored_answer> list(const context& from, const question& what,
                                        const json& arguments) {
  const auto kind = text_at(arguments, "what");
  if (kind == "nodes") {
    json kept = json::array();
    const auto state = text_at(arguments, "state");
    for (auto& node : nodes_of(from))
      if ((state.empty() || node["state"] == state) && kept.size() < limit_of(arguments))
        kept.push_back(node);
    return ready(what, {{"nodes", std::move(kept)}});
  }
  if (kind == "jobs") return list_jobs(from, what, arguments);
  if (kind == "tasks") return list_tasks(from, what, arguments);
  if (kind == "studies") return list_studies(from, what);
  return refused(what, {fault_code::usage, "cannot list '" + kind + "'",
                        "name one of nodes, jobs, tasks, studies"});
}

}  // namespace fabric::actors::inspect

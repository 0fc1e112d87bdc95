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

stored_answer list_tasks(const context& from, const question& what, const json& arguments) {
  const auto limit = limit_of(arguments);
  const auto state = text_at(arguments, "state");
  auto only = parse_job_or_task(text_at(arguments, "job"));
  json live = json::array();
  std::map<task_id, bool> seen;
  for (const auto& job : from.core.jobs(list_limit_max)) {
    if (live.size() >= limit) break;
    if (only && only->job != job.id) continue;
    for (const auto& task : from.core.tasks(job.id, job.what->first_index, limit - live.size())) {
      if (is_final(task.state)) continue;
      if (!state.empty() && name_of(task.state) != state) continue;
      seen[task.id] = true;
      live.push_back(to_json(task, job.what->is_array));
    }
  }
  return [what, limit, state, only, live, seen](store::head_store& rows) {
    json all = live;
    if (only) {
      const auto job = rows.job(only->job);
      if (!job) return refused(what, job.error());
      if (!*job) return refused(what, unknown_task(to_string(only->job)));
    }
    job_id before{};
    while (all.size() < limit) {
      auto page = rows.jobs(before, 256);
      if (!page) return refused(what, page.error());
      if (page->empty()) break;
      for (const auto& job : *page) {
        if (only && only->job != job.id) continue;
        auto tasks = rows.tasks(job.id, 0, limit);
        if (!tasks) return refused(what, tasks.error());
        for (const auto& task : *tasks)
          if (is_final(task.state) && !seen.contains(task.id) && all.size() < limit &&
              (state.empty() || name_of(task.state) == state))
            all.push_back(to_json(task, job.what->is_array));
      }
      before = page->back().id;
    }
    return ready(what, {{"tasks", std::move(all)}});
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

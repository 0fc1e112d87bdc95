#include "actors/inspect/questions.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "actors/inspect/json_views.hpp"

namespace fabric::actors::inspect {

namespace {

constexpr std::size_t list_limit_default = 100;
constexpr std::size_t list_limit_max = 100'000;
constexpr std::size_t replay_batch = 256;

/// A question's arguments: a JSON object of which unknown fields are ignored.
result<json> arguments_of(const question& what) {
  if (what.arguments.empty()) return json::object();
  auto parsed = json::parse(what.arguments, nullptr, false);
  if (parsed.is_discarded() || !parsed.is_object())
    return fault{fault_code::bad_message, "the arguments of '" + what.topic + "' are no JSON object",
                 ""};
  return parsed;
}

std::string text_at(const json& arguments, const char* key) {
  auto found = arguments.find(key);
  return found != arguments.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_at(const json& arguments, const char* key, std::int64_t otherwise) {
  auto found = arguments.find(key);
  return found != arguments.end() && found->is_number_integer() ? found->get<std::int64_t>()
                                                                : otherwise;
}

std::size_t limit_of(const json& arguments) {
  const auto asked =
      number_at(arguments, "limit", static_cast<std::int64_t>(list_limit_default));
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(asked, 1, static_cast<std::int64_t>(list_limit_max)));
}

reply ready(const question& what, const json& body) {
  return {what.from, body.dump(-1, ' ', false, json::error_handler_t::replace), std::nullopt};
}
reply refused(const question& what, fault why) { return {what.from, "", std::move(why)}; }

fault unknown_task(const std::string& text) {
  return {fault_code::not_found, "there is no job or task '" + text + "'",
          "`fabricd list jobs` shows what there is"};
}

result<job_or_task> id_in(const json& arguments) {
  const auto text = text_at(arguments, "id");
  if (auto id = parse_job_or_task(text)) return *id;
  return fault{fault_code::usage, "'" + text + "' is neither a job (17) nor a task (17.3)", ""};
}

json nodes_of(const context& from) {
  json all = json::array();
  for (const auto& node : from.core.nodes()) all.push_back(to_json(node, from.at));
  return all;
}

struct study_sum {
  std::size_t running = 0;
  std::size_t waiting = 0;
  std::size_t finished = 0;
};

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

json warnings_of(const context& from) {
  json all = json::array();
  if (from.read_only) all.push_back(to_line(*from.read_only));
  for (const auto& node : from.core.nodes()) {
    const auto silent = std::chrono::duration_cast<std::chrono::seconds>(from.at - node.last_heard);
    if (node.state == "disconnected")
      all.push_back("node " + node.name + " is disconnected, last heard " +
                    std::to_string(silent.count()) + " s ago");
    if (node.state == "recovering")
      all.push_back("node " + node.name + " has not been heard since the head started");
  }
  return all;
}

json status_of(const context& from) {
  const auto count = from.core.count();
  return {{"head", json::parse(from.about, nullptr, false)},
          {"nodes", nodes_of(from)},
          {"queue", {{"waiting", count.waiting}, {"running", count.held}}},
          {"studies", studies_of(live_studies(from))},
          {"counters",
           {{"granted", count.granted},
            {"finished", count.finished},
            {"stale_results", count.stale_results},
            {"lost_attempts", count.lost_attempts}}},
          {"warnings", warnings_of(from)}};
}

/// A stored job's counts, where the scheduler no longer holds it: every task is final.
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
        if ((state.empty() || j["state"] == state) && all.size() < limit) all.push_back(std::move(j));
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
    for (auto& [name, sum] : sums) sum.finished -= std::min(sum.finished, sum.running + sum.waiting);
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

/// One task, or a job with what it was asked to do. A job of one task shows that task's fields too.
stored_answer get(const context& from, const question& what, job_or_task id) {
  std::optional<json> live_job;
  std::optional<json> live_task;
  const auto job = from.core.job_of(id.job);
  if (job) live_job = to_json(*job);
  if (job && (id.index || !job->what->is_array))
    if (auto task = from.core.task({id.job, id.index.value_or(0)}))
      live_task = to_json(*task, job->what->is_array);
  return [what, id, live_job, live_task](store::head_store& rows) {
    auto stored = rows.job(id.job);
    if (!stored) return refused(what, stored.error());
    if (!*stored) return refused(what, unknown_task(to_string(id.job)));
    const auto& spec = *(*stored)->what;
    const bool one = id.index || !spec.is_array;
    const auto index = id.index.value_or(0);
    if (id.index && (index < spec.first_index || index - spec.first_index >= spec.count))
      return refused(what, unknown_task(to_string(task_id{id.job, index})));
    json j = id.index ? json::object() : description_of(spec);
    if (!id.index) {
      j.update(live_job ? *live_job : summary_of(rows, **stored));
      j["submitted"] = time_of((*stored)->submitted_ms);
    }
    if (one) {
      auto row = rows.task({id.job, index});
      if (!row) return refused(what, row.error());
      json task;
      if (*row && (is_final((*row)->state) || !live_task))
        task = to_json(**row, spec.is_array);
      else if (live_task)
        task = *live_task;
      else
        task = to_json(scheduler::task_view{.id = {id.job, index},
                                            .state = (*stored)->cancelled
                                                         ? scheduler::task_state::cancelled
                                                         : scheduler::task_state::queued},
                       spec.is_array);
      if (!task.contains("exit_code")) task["exit_code"] = nullptr;
      if (task["node"].is_string())
        if (auto node = parse_node_id(task["node"].get<std::string>()))
          if (auto name = rows.node_name(*node); name && *name) task["node_name"] = **name;
      j.update(task);
    }
    return ready(what, j);
  };
}

std::variant<reply, stored_answer> explain(const context& from, const question& what,
                                           job_or_task id) {
  const auto job = from.core.job_of(id.job);
  task_id task{id.job, id.index.value_or(job ? job->what->first_index : 0)};
  if (job && job->what->is_array && !id.index)  // the first that still waits speaks for the array
    for (const auto& t : from.core.tasks(id.job, job->what->first_index, 1'000'000))
      if (t.state <= scheduler::task_state::backing_off) {
        task = t.id;
        break;
      }
  auto why = from.core.explain(task, from.at);
  if (why) {
    json nodes = json::array();
    for (const auto& line : why->nodes)
      nodes.push_back({{"node", to_string(line.node)},
                       {"name", line.name},
                       {"reason", line.reason},
                       {"could_ever", line.could_ever}});
    return ready(what, {{"id", task_name(task, job && job->what->is_array)},
                        {"summary", why->summary},
                        {"nodes", std::move(nodes)}});
  }
  return stored_answer{[what, task, id](store::head_store& rows) {
    auto stored = rows.job(task.job);
    if (!stored) return refused(what, stored.error());
    if (!*stored) return refused(what, unknown_task(to_string(task.job)));
    const bool is_array = (*stored)->what->is_array;
    std::string state = "over";
    if (id.index || !is_array) {
      auto row = rows.task(task);
      if (row && *row) state = name_of((*row)->state);
    }
    return ready(what, {{"id", task_name(task, is_array)},
                        {"summary", "nothing waits: it is " + state},
                        {"nodes", json::array()}});
  }};
}

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

/// A node by id or, where only one bears it, by name.
result<node_id> node_named(const context& from, const std::string& text) {
  std::vector<node_id> named;
  std::string known;
  for (const auto& node : from.core.nodes()) {
    if (to_string(node.id) == text) return node.id;
    if (node.name == text) named.push_back(node.id);
    known += (known.empty() ? "" : ", ") + node.name;
  }
  if (named.size() == 1) return named.front();
  if (named.size() > 1)
    return fault{fault_code::usage, "several nodes are named '" + text + "'", "give the node's id"};
  return fault{fault_code::not_found, "there is no node '" + text + "'",
               "the nodes are: " + known};
}

}  // namespace

std::variant<reply, stored_answer> answer(const context& from, const question& what) {
  auto arguments = arguments_of(what);
  if (!arguments) return refused(what, arguments.error());
  if (what.topic == "ping") return ready(what, {{"ok", true}});
  if (what.topic == "status") return ready(what, status_of(from));
  if (what.topic == "list") return list(from, what, *arguments);
  if (what.topic == "get" || what.topic == "explain") {
    auto id = id_in(*arguments);
    if (!id) return refused(what, id.error());
    if (what.topic == "get") return get(from, what, *id);
    return explain(from, what, *id);
  }
  return refused(what, {fault_code::unsupported, "this head does not know '" + what.topic + "'",
                        "upgrade the head"});
}

std::optional<result<scheduler::event_type>> order_of(const context& from, const question& what) {
  if (what.topic != "cancel" && what.topic != "drain" && what.topic != "forget")
    return std::nullopt;
  auto arguments = arguments_of(what);
  if (!arguments) return result<scheduler::event_type>{arguments.error()};
  if (what.topic == "cancel") {
    auto id = id_in(*arguments);
    if (!id) return result<scheduler::event_type>{id.error()};
    return scheduler::event_type{scheduler::event::cancel_requested{what.from, *id}};
  }
  auto node = node_named(from, text_at(*arguments, "node"));
  if (!node) return result<scheduler::event_type>{node.error()};
  if (what.topic == "forget")
    return scheduler::event_type{scheduler::event::forget_requested{what.from, *node}};
  const std::chrono::milliseconds deadline{number_at(*arguments, "deadline_ms", 30'000)};
  return scheduler::event_type{scheduler::event::drain_requested{what.from, *node, deadline}};
}

std::variant<log_located, stored_location> locate(const scheduler::engine& core,
                                                  const locate_log& what) {
  auto task = core.task(what.what.id.task);
  if (task && !is_final(task->state)) {
    log_located found{what.reader, what.what, task->node, std::nullopt, false};
    if (found.what.id.attempt == 0) found.what.id.attempt = task->attempt;
    found.not_started = found.what.id.attempt == 0;
    // An attempt that is over without a result left its output where it ran, which only its own
    // node knows; ask the node that holds the task now, or nobody while none does.
    if (task->node.value == 0) found.not_started = true;
    return found;
  }
  return stored_location{[what](store::head_store& rows) {
    log_located found{what.reader, what.what, {}, std::nullopt, false};
    auto row = rows.task(what.what.id.task);
    if (!row) {
      found.failed = row.error();
    } else if (!*row || (*row)->node.value == 0) {
      auto job = rows.job(what.what.id.task.job);
      if (job && *job)
        found.failed = fault{fault_code::not_found,
                             "task " + to_string(what.what.id.task) + " never ran: it has no output",
                             ""};
      else
        found.failed = unknown_task(to_string(what.what.id.task));
    } else {
      found.node = (*row)->node;
      if (found.what.id.attempt == 0) found.what.id.attempt = (*row)->attempt;
    }
    return found;
  }};
}

void replay(store::head_store& rows, const replay_finished& what, bool over,
            const std::function<void(push)>& out) {
  auto job = rows.job(what.job);
  if (!job || !*job) return;
  push batch{what.watcher, {}};
  std::uint32_t from = 0;
  bool all_succeeded = !(*job)->cancelled;
  for (;;) {
    auto page = rows.tasks(what.job, from, replay_batch);
    if (!page || page->empty()) break;
    for (const auto& task : *page) {
      if (!is_final(task.state)) continue;
      all_succeeded = all_succeeded && task.state == scheduler::task_state::succeeded;
      auto name = rows.node_name(task.node);
      batch.messages.emplace_back(transport::task_finished{
          task.id, static_cast<std::uint8_t>(task.state), task.attempt, task.node,
          name && *name ? **name : "", task.report});
    }
    from = page->back().id.index + 1;
    if (from == 0) break;
    out(std::exchange(batch, {what.watcher, {}}));
  }
  if (over) batch.messages.emplace_back(transport::job_finished{what.job, all_succeeded});
  if (!batch.messages.empty()) out(std::move(batch));
}

}  // namespace fabric::actors::inspect

#include "actors/inspect/questions.hpp"

#include <utility>

#include "actors/inspect/arguments.hpp"
#include "actors/inspect/json_views.hpp"
#include "actors/inspect/listings.hpp"

namespace fabric::actors::inspect {

namespace {

json warnings_of(const context& from) {
  json all = from.warnings;
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
  json head = json::parse(from.about, nullptr, false);
  head["now"] = from.wall_ms;
  return {{"head", std::move(head)},
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
      if ((*stored)->cancelled) j["cancel_reason"] = (*stored)->cancel_reason;
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
        task = to_json(
            scheduler::task_view{.id = {id.job, index},
                                 .state = (*stored)->cancelled ? scheduler::task_state::cancelled
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
    for (const auto state : {scheduler::task_state::queued, scheduler::task_state::backing_off,
                             scheduler::task_state::blocked}) {
      const auto waiting = from.core.open_tasks(id.job, state, 1);
      if (waiting.empty()) continue;
      task = waiting.front().id;
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
    std::string state = summary_of(rows, **stored)["state"];
    if (id.index) {
      auto row = rows.task(task);
      if (row && *row) state = name_of((*row)->state);
    }
    return ready(what, {{"id", id.index ? task_name(task, is_array) : to_string(id.job)},
                        {"summary", "nothing waits: its state is " + state},
                        {"nodes", json::array()}});
  }};
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
  return fault{fault_code::not_found, "there is no node '" + text + "'", "the nodes are: " + known};
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
  if (what.topic != "cancel" && what.topic != "drain" && what.topic != "forget" &&
      what.topic != "lend" && what.topic != "claim")
    return std::nullopt;
  auto arguments = arguments_of(what);
  if (!arguments) return result<scheduler::event_type>{arguments.error()};
  if (what.topic == "cancel") {
    auto id = id_in(*arguments);
    if (!id) return result<scheduler::event_type>{id.error()};
    using when = scheduler::event::cancel_requested::when;
    const auto on = flag_at(*arguments, "unless_held") ? when::unless_held : when::always;
    return scheduler::event_type{scheduler::event::cancel_requested{what.from, *id, on}};
  }
  if (what.topic == "lend" || what.topic == "claim") {
    auto id = id_in(*arguments);
    if (!id) return result<scheduler::event_type>{id.error()};
    const attempt_id attempt{{id->job, id->index.value_or(0)},
                             static_cast<attempt_number>(number_at(*arguments, "attempt", 0))};
    if (what.topic == "lend")
      return scheduler::event_type{scheduler::event::lease_lent{what.from, attempt}};
    return scheduler::event_type{scheduler::event::lease_claimed{what.from, attempt}};
  }
  auto node = node_named(from, text_at(*arguments, "node"));
  if (!node) return result<scheduler::event_type>{node.error()};
  if (what.topic == "forget")
    return scheduler::event_type{scheduler::event::forget_requested{what.from, *node}};
  const std::chrono::milliseconds deadline{number_at(*arguments, "deadline_ms", 30'000)};
  return scheduler::event_type{scheduler::event::drain_requested{what.from, *node, deadline}};
}

}  // namespace fabric::actors::inspect

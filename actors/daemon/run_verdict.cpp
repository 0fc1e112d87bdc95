#include "actors/daemon/run_verdict.hpp"

#include <utility>

#include "actors/inspect/json_views.hpp"
#include "scheduler/job.hpp"

namespace fabric::daemon {

namespace {

constexpr int not_started_status = 127;
constexpr int out_of_memory_status = 137;

scheduler::task_state state_of(const run_end& end) {
  return static_cast<scheduler::task_state>(end.told.state);
}

}  // namespace

run_verdict conclude(const run_end& end) {
  const auto because = [](fault why) {
    return run_verdict{exit_status_of(why.code), std::move(why)};
  };
  const auto& report = end.report;
  const auto code = fault_code_named(report.code);
  if (state_of(end) == scheduler::task_state::succeeded) return {};
  if (state_of(end) == scheduler::task_state::cancelled)
    return because(
        {fault_code::cancelled, "task " + to_string(end.told.task.job) + " was cancelled", ""});
  if (state_of(end) == scheduler::task_state::expired)
    return because({fault_code::timed_out, "it was not started in time", ""});
  if (code == fault_code::timed_out) return because({code, report.detail, ""});
  if (code == fault_code::oom_killed)
    return {out_of_memory_status, fault{code, report.detail, "ask for more with --memory"}};
  if (report.signal != 0) return {128 + report.signal, {}};
  if (report.exit_code < 0)
    return {not_started_status, fault{fault_code::task_failed, report.detail, ""}};
  return {report.exit_code, {}};
}

json document_of(const run_end& end, const run_verdict& so) {
  const auto& told = end.told;
  json document = {{"id", to_string(told.task.job)},
                   {"state", name_of(state_of(end))},
                   {"attempts", told.attempt},
                   {"node", told.node.value == 0 ? json(nullptr) : json(to_string(told.node))},
                   {"node_name", told.node_name},
                   {"exit_code", nullptr}};
  if (!told.report.empty()) actors::inspect::add_report(document, end.report);
  document["stdout"] = end.report.stdout_tail;
  document["stderr"] = end.report.stderr_tail;
  if (so.why) document["error"] = to_json(*so.why);
  return document;
}

}  // namespace fabric::daemon

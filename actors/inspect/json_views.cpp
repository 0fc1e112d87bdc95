#include "actors/inspect/json_views.hpp"

#include <array>
#include <cstdio>
#include <ctime>

#include "transport/codec.hpp"

namespace fabric::actors::inspect {

namespace {

json number_of(milli amount) {
  if (amount.value % 1000 == 0) return amount.value / 1000;
  return static_cast<double>(amount.value) / 1000.0;
}

std::string printable(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = '?';
  return text;
}

}  // namespace

json to_json(const resource_set& amounts) {
  json j = {{"cpu", 0}, {"gpu", 0}, {"memory", 0}};
  for (const auto& [name, amount] : amounts) j[name] = number_of(amount);
  return j;
}

json to_json(const scheduler::node_view& node, instant at) {
  json labels = json::object();
  for (const auto& [key, value] : node.total.labels) labels[key] = value;
  const auto silent = std::chrono::duration_cast<std::chrono::milliseconds>(at - node.last_heard);
  return {{"id", to_string(node.id)},
          {"name", node.name},
          {"state", node.state},
          {"resources", {{"total", to_json(node.total.amounts)}, {"used", to_json(node.used)}}},
          {"gpu_ids", node.total.gpu_ids},
          {"labels", std::move(labels)},
          {"running", node.running},
          {"last_heard_ms", silent.count()}};
}

std::string task_name(task_id id, bool is_array) {
  return is_array ? to_string(id) : to_string(id.job);
}

std::string_view state_of(const scheduler::job_view& job) {
  if (job.held > 0) return "running";
  if (job.waiting > 0) return job.succeeded + job.failed > 0 ? "running" : "queued";
  if (job.failed > 0) return "failed";
  if (job.cancelled || job.cancelled_tasks > 0) return "cancelled";
  return "succeeded";
}

json description_of(const scheduler::job& what) {
  json where = json::array();
  for (const auto& condition : what.needs.where) where.push_back(to_string(condition));
  json after = json::array();
  for (job_id id : what.after) after.push_back(to_string(id));
  json j = {{"name", what.name},
            {"key", what.key},
            {"study", what.study},
            {"submitter", what.submitter},
            {"resources", to_json(what.needs.amounts)},
            {"labels", std::move(where)},
            {"priority", what.priority},
            {"retries", what.retry.retries_max},
            {"after", std::move(after)},
            {"array", what.is_array},
            {"first_index", what.first_index},
            {"tasks", what.count}};
  if (auto work = transport::decode_command_work(what.payload)) {
    json argv = json::array();
    for (const auto& word : work->argv) argv.push_back(printable(word));
    j["command"] = std::move(argv);
    j["cwd"] = work->cwd;
  }
  return j;
}

json to_json(const scheduler::job_view& job) {
  return {{"id", to_string(job.id)},
          {"name", job.what->name},
          {"state", state_of(job)},
          {"study", job.what->study},
          {"tasks", job.what->count},
          {"waiting", job.waiting},
          {"running", job.held},
          {"succeeded", job.succeeded},
          {"failed", job.failed},
          {"cancelled", job.cancelled_tasks}};
}

json to_json(const scheduler::task_view& task, bool is_array) {
  return {{"id", task_name(task.id, is_array)},
          {"job", to_string(task.id.job)},
          {"index", task.id.index},
          {"state", name_of(task.state)},
          {"attempts", task.attempt},
          {"node", task.node.value == 0 ? json(nullptr) : json(to_string(task.node))},
          {"failures", task.failures},
          {"lost_attempts", task.lost}};
}

void add_report(json& to, const transport::task_report& report) {
  to["exit_code"] = report.exit_code;
  to["signal"] = report.signal == 0 ? json(nullptr) : json(report.signal);
  to["code"] = report.code.empty() ? json("OK") : json(report.code);
  to["detail"] = printable(report.detail);
  to["host"] = report.host;
  to["started"] = time_of(report.started_ms);
  to["ended"] = time_of(report.ended_ms);
  to["cpu_ms"] = report.cpu_ms;
  to["memory_peak"] = report.memory_peak;
  to["stdout_bytes"] = report.stdout_bytes;
  to["stderr_bytes"] = report.stderr_bytes;
}

json to_json(const store::stored_task& task, bool is_array) {
  auto j = to_json(scheduler::task_view{task.id, task.state, task.attempt, task.node, task.failures,
                                        task.lost},
                   is_array);
  j["changed"] = time_of(task.changed_ms);
  if (!task.report.empty())
    if (auto report = transport::decode_task_report(task.report)) add_report(j, *report);
  return j;
}

json time_of(std::int64_t wall_ms) {
  if (wall_ms == 0) return nullptr;
  const std::time_t seconds = wall_ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> day{};
  std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(wall_ms % 1000));
  return std::string{day.data()} + fraction.data();
}

}  // namespace fabric::actors::inspect

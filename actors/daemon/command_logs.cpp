#include <chrono>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/log_reading.hpp"
#include "actors/daemon/standard_output.hpp"

namespace fabric::daemon {

namespace {

struct flags : client_flags {
  std::string id;
  bool follow = false;
  bool errors = false;
  int tail = -1;
};

result<void> show_task(client_session& session, task_id task, const flags& from, shown& to) {
  log_reading reading{
      session, task, {from.errors ? std::uint8_t{2} : std::uint8_t{1}, from.follow}, to};
  if (from.tail >= 0)
    if (auto begun = reading.begin_with_last(from.tail); !begun) return begun;
  if (from.tail < 0 || from.follow)
    if (auto read = reading.read(); !read) return read;
  reading.compare_with_report();
  return {};
}

/// The tasks that are meant. Faults: those of the question; not_found; usage.
result<std::vector<std::uint32_t>> indexes_of(client_session& session, const flags& from,
                                              const job_or_task& id) {
  auto job = session.ask("get", {{"id", to_string(id.job)}});
  if (!job) return std::move(job).error();
  const auto first = job->value("first_index", 0U);
  const auto count = job->value("tasks", 1U);
  if (id.index && (*id.index < first || *id.index - first >= count))
    return fault{fault_code::not_found,
                 "there is no task " + from.id + ": job " + to_string(id.job) +
                     (count == 1 ? " has one task"
                                 : " has the tasks " + std::to_string(first) + " to " +
                                       std::to_string(first + count - 1)),
                 "see `fabricd get " + to_string(id.job) + "`"};
  if (id.index) return std::vector{*id.index};
  if (from.follow && count > 1)
    return fault{fault_code::usage, from.id + " is an array of " + std::to_string(count) + " tasks",
                 "follow one of them, as in " + from.id + "." + std::to_string(first)};
  std::vector<std::uint32_t> all(count);
  std::iota(all.begin(), all.end(), first);
  return all;
}

int logs(const flags& from) {
  const auto id = parse_job_or_task(from.id);
  if (!id)
    return complain({fault_code::usage, "'" + from.id + "' is neither a job (17) nor a task (17.3)",
                     "see `fabricd list jobs`"});
  auto session = connect(
      from, from.follow ? duration{std::chrono::hours{24}} : duration{std::chrono::minutes{1}});
  if (!session) return complain(session.error());
  const auto indexes = indexes_of(*session, from, *id);
  if (!indexes) return complain(indexes.error());
  shown output{.keep = from.as_json};
  for (const auto index : *indexes)
    if (auto read = show_task(*session, {id->job, index}, from, output); !read)
      return complain(read.error());
    else if (!output_works())
      return 0;  // main ends with that
  if (from.as_json)
    print({{"id", from.id},
           {"stream", from.errors ? "stderr" : "stdout"},
           {"text", output.text},
           {"missing_bytes", output.missing}});
  return 0;
}

}  // namespace

runner add_logs(CLI::App& app) {
  auto* command = app.add_subcommand("logs", "a task's output, from wherever it ran");
  auto to = std::make_shared<flags>();
  command->add_option("id", to->id, "a job (17) or a task (17.3)")->required();
  command->add_flag("-f,--follow", to->follow, "go on until the task is over");
  command->add_flag("--err", to->errors, "standard error instead of standard output");
  command->add_option("--tail", to->tail, "only the last N lines")->check(CLI::Range(0, 1'000'000));
  add_client_flags(*command, *to);
  return [to] { return logs(*to); };
}

}  // namespace fabric::daemon

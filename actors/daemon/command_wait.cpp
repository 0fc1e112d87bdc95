#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/mailbox.hpp"
#include "scheduler/job.hpp"

namespace fabric::daemon {

namespace {

struct flags : client_flags {
  std::vector<std::string> ids;
  std::string timeout;
};

/// What is waited for, and how it ended.
struct awaited {
  job_or_task what;
  std::string name;
  bool over = false;
  bool succeeded = false;
};

void hear(std::vector<awaited>& all, const transport::message& message) {
  if (const auto* job = std::get_if<transport::job_finished>(&message)) {
    for (auto& one : all)
      if (!one.what.index && one.what.job == job->job) {
        one.over = true;
        one.succeeded = job->all_succeeded;
      }
  } else if (const auto* task = std::get_if<transport::task_finished>(&message)) {
    for (auto& one : all)
      if (one.what.index == task->task.index && one.what.job == task->task.job) {
        one.over = true;
        one.succeeded = task->state == static_cast<std::uint8_t>(scheduler::task_state::succeeded);
      }
  }
}

int wait(const flags& from) {
  std::vector<awaited> all;
  for (const auto& text : from.ids) {
    const auto id = parse_job_or_task(text);
    if (!id)
      return complain({fault_code::usage, "'" + text + "' is neither a job (17) nor a task (17.3)",
                       "see `fabricd list jobs`"});
    all.push_back({*id, text});
  }
  duration patience = std::chrono::hours{24 * 365 * 10};
  if (!from.timeout.empty()) {
    auto limit = parse_duration(from.timeout, "--timeout");
    if (!limit) return complain(limit.error());
    patience = *limit;
  }
  mailbox<transport::message> box;  // outlives the session, whose last callbacks still post to it
  auto session = connect(from, std::chrono::hours{24});
  if (!session) return complain(session.error());
  session->head->listen([&box](const transport::message& message) { box.put(message); });
  const auto watch_all = [&]() -> result<void> {
    for (const auto& one : all) {
      auto known = session->ask("get", {{"id", one.name}});
      if (!known) return std::move(known).error();
      auto watched =
          session->head->call(transport::watch{{}, one.what.job}, std::chrono::seconds{60});
      if (!watched) return std::move(watched).error();
    }
    return {};
  };
  if (auto watching = watch_all(); !watching) return complain(watching.error());
  const auto end = std::chrono::steady_clock::now() + patience;
  const auto open = [&all] {
    return std::any_of(all.begin(), all.end(), [](const awaited& one) { return !one.over; });
  };
  bool must_watch = false;
  while (open()) {
    const auto left = std::chrono::duration_cast<duration>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0)
      return complain({fault_code::timed_out, "not everything was over in time",
                       "wait again, or see `fabricd explain` for what has not begun"});
    auto message = box.take(std::min<duration>(left, std::chrono::seconds{1}));
    if (const auto* refused = message ? std::get_if<transport::refused>(&*message) : nullptr)
      return complain(refused->why);
    if (message) hear(all, *message);
    // A new session of the same call: what we watch must be said again.
    must_watch = must_watch || (message && std::holds_alternative<transport::welcome>(*message));
    if (!must_watch) continue;
    auto watching = watch_all();
    if (!watching && advice_of(watching.error().code) == retry_advice::never)
      return complain(watching.error());
    must_watch = !watching;  // the head went away again meanwhile
  }
  json told = json::array();
  int status = 0;
  for (const auto& one : all) {
    told.push_back({{"id", one.name}, {"succeeded", one.succeeded}});
    if (!one.succeeded) status = 1;
    if (!one.succeeded && !from.as_json)
      remark({fault_code::task_failed, one.name + " did not succeed",
              "see `fabricd get " + one.name + "`"});
  }
  if (from.as_json) print({{"waited", std::move(told)}});
  return status;
}

}  // namespace

runner add_wait(CLI::App& app) {
  auto* command = app.add_subcommand("wait", "wait until jobs or tasks are over");
  auto to = std::make_shared<flags>();
  command->add_option("id", to->ids, "jobs (17) or tasks (17.3)")->required();
  command->add_option("--timeout", to->timeout, "give up after this long, with status 124");
  add_client_flags(*command, *to);
  command->footer("Exit status: 0 where all succeeded, 1 where any did not, 124 on --timeout.");
  return [to] { return wait(*to); };
}

}  // namespace fabric::daemon

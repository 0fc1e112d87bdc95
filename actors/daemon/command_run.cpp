#include <csignal>
#include <memory>
#include <optional>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/mailbox.hpp"
#include "actors/daemon/output_stream.hpp"
#include "actors/daemon/work_flags.hpp"
#include "actors/inspect/json_views.hpp"
#include "scheduler/job.hpp"
#include "transport/codec.hpp"

namespace fabric::daemon {

namespace {

struct flags : client_flags, work_flags {
  int priority = 0;
};

std::atomic<int> interrupted = 0;
void note_interrupt(int number) { interrupted = number; }

/// What the run waits for.
struct heard {
  std::uint8_t stream = 0;  ///< 1, 2: an answer of that output stream; 0: `told`
  output_stream::answer answer{fault{}};
  transport::task_finished told;
};

constexpr int not_started_status = 127;

/// What `run` ends with: the status a shell would give, and why where that is not the command's own
/// doing.
struct verdict {
  int status = 0;
  std::optional<fault> why;
};

verdict conclude(const transport::task_finished& end, const transport::task_report& report) {
  const auto state = static_cast<scheduler::task_state>(end.state);
  const auto because = [](fault why) { return verdict{exit_status_of(why.code), std::move(why)}; };
  if (state == scheduler::task_state::succeeded) return {};
  const auto code = fault_code_named(report.code);
  if (state == scheduler::task_state::cancelled)
    return because(
        {fault_code::cancelled, "task " + to_string(end.task.job) + " was cancelled", ""});
  if (state == scheduler::task_state::expired)
    return because({fault_code::timed_out, "it was not started in time", ""});
  if (code == fault_code::timed_out) return because({code, report.detail, ""});
  if (code == fault_code::oom_killed)
    return {137, fault{code, report.detail, "ask for more with --memory"}};
  if (report.signal != 0) return {128 + report.signal, {}};
  if (report.exit_code < 0)
    return {not_started_status, fault{fault_code::task_failed, report.detail, ""}};
  return {report.exit_code, {}};
}

/// The task as `get` shows it, with the last of its output.
json document_of(const transport::task_finished& end, const transport::task_report& report,
                 const verdict& so) {
  json told = {{"id", to_string(end.task.job)},
               {"state", name_of(static_cast<scheduler::task_state>(end.state))},
               {"attempts", end.attempt},
               {"node", end.node.value == 0 ? json(nullptr) : json(to_string(end.node))},
               {"node_name", end.node_name},
               {"exit_code", nullptr}};
  if (!end.report.empty()) actors::inspect::add_report(told, report);
  told["stdout"] = report.stdout_tail;
  told["stderr"] = report.stderr_tail;
  if (so.why) told["error"] = to_json(*so.why);
  return told;
}

/// The task's two streams as they come, here on our own.
class live_output {
 public:
  live_output(actors::head_connection& head, task_id task, const output_stream::poster& post)
      : out_(head, task, 1, to_file(stdout), post), err_(head, task, 2, to_file(stderr), post) {}

  [[nodiscard]] bool is_complete() const { return out_.is_complete() && err_.is_complete(); }
  [[nodiscard]] const std::optional<fault>& failure() const {
    return out_.failure() ? out_.failure() : err_.failure();
  }
  void ask() {
    out_.ask(std::chrono::seconds{5});
    err_.ask(std::chrono::seconds{5});
  }
  /// As output_stream::take.
  bool take(std::uint8_t stream, output_stream::answer what) {
    return (stream == 1 ? out_ : err_).take(std::move(what));
  }
  void finish_from(const transport::task_report& report) {
    out_.finish_from(report);
    err_.finish_from(report);
  }
  void say_what_is_missing(const transport::task_report& report) const {
    daemon::say_what_is_missing(out_.position(), report.stdout_bytes, report.detail);
    daemon::say_what_is_missing(err_.position(), report.stderr_bytes, report.detail);
  }

 private:
  output_stream out_;
  output_stream err_;
};

int run(const flags& from, const tail& command) {
  auto work = work_of(from, command, "run");
  if (!work) return complain(work.error());
  auto needs = demand_of(from);
  if (!needs) return complain(needs.error());
  auto limit = time_limit_of(from);
  if (!limit) return complain(limit.error());
  mailbox<heard> box;  // outlives the session, whose last callbacks still post to it
  auto session = connect(from, std::chrono::hours{24});
  if (!session) return complain(session.error());

  session->head->listen([&box](const transport::message& message) {
    if (const auto* end = std::get_if<transport::task_finished>(&message)) box.put({.told = *end});
  });
  auto accepted = session->head->call(transport::submit{.key = unique_key(),
                                                        .payload = transport::encode(*work),
                                                        .needs = std::move(*needs),
                                                        .priority = from.priority,
                                                        .poison_after = 1,
                                                        .time_limit = *limit,
                                                        .watch = true},
                                      duration{0});
  if (!accepted) return complain(accepted.error());
  const auto* submitted = std::get_if<transport::submitted>(&*accepted);
  if (submitted == nullptr)
    return complain({fault_code::unsupported, "the head answered with another message", ""});
  const task_id task{submitted->job, 0};

  std::signal(SIGINT, note_interrupt);
  std::signal(SIGTERM, note_interrupt);
  const auto post = [&box](std::uint8_t stream, output_stream::answer answer) {
    box.put({.stream = stream, .answer = std::move(answer)});
  };
  std::optional<live_output> output;
  if (!from.as_json) output.emplace(*session->head, task, post);
  std::optional<transport::task_finished> end;
  transport::task_report report;
  bool cancelling = false;
  duration pause{0};
  while (!end || (output && !output->is_complete())) {
    if (interrupted != 0 && !cancelling) {
      cancelling = true;
      if (auto done = session->ask("cancel", {{"id", to_string(task.job)}}); !done)
        remark(done.error());
    }
    if (end && output->failure()) {
      remark(*output->failure());
      break;
    }
    if (output && pause.count() == 0) output->ask();
    auto what = box.take(pause.count() == 0 ? duration{std::chrono::milliseconds{200}} : pause);
    pause = duration{0};
    if (!what) continue;
    if (what->stream == 0) {
      if (what->told.task != task) continue;
      end = what->told;
      if (auto read = transport::decode_task_report(end->report)) report = std::move(*read);
      if (output) output->finish_from(report);
    } else if (!output->take(what->stream, std::move(what->answer))) {
      pause = std::chrono::milliseconds{20};
    }
  }
  if (output) output->say_what_is_missing(report);
  const auto so = conclude(*end, report);
  if (from.as_json) print(document_of(*end, report, so));
  if (so.why) remark(*so.why);
  return so.status;
}

}  // namespace

runner add_run(CLI::App& app, const tail& command) {
  auto* parsed = app.add_subcommand(
      "run", "run one command on the cluster now: its output here, its exit status as ours");
  auto to = std::make_shared<flags>();
  add_work_flags(*parsed, *to);
  add_client_flags(*parsed, *to);
  parsed->add_option("--priority", to->priority, "higher runs first (default 0)");
  parsed->footer("The command stands behind --, as in: fabricd run --gpus 1 -- nvidia-smi");
  return [to, &command] { return run(*to, command); };
}

}  // namespace fabric::daemon

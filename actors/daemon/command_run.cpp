#include <csignal>
#include <memory>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/mailbox.hpp"
#include "actors/daemon/output_stream.hpp"
#include "actors/daemon/work_flags.hpp"
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

/// The status a shell would give, and a line where it is not the command's own doing.
int conclude(const transport::task_finished& end, const transport::task_report& report) {
  const auto state = static_cast<scheduler::task_state>(end.state);
  if (state == scheduler::task_state::succeeded) return 0;
  const auto code = fault_code_named(report.code);
  if (state == scheduler::task_state::cancelled)
    return complain(
        {fault_code::cancelled, "task " + to_string(end.task.job) + " was cancelled", ""});
  if (state == scheduler::task_state::expired)
    return complain({fault_code::timed_out, "it was not started in time", ""});
  if (code == fault_code::timed_out) return complain({code, report.detail, ""});
  if (code == fault_code::oom_killed) {
    complain({code, report.detail, "ask for more with --memory"});
    return 137;
  }
  if (report.signal != 0) return 128 + report.signal;
  if (report.exit_code < 0) {
    complain({fault_code::task_failed, report.detail, ""});
    return not_started_status;
  }
  return report.exit_code;
}

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
  output_stream out{*session->head, task, 1, stdout, post};
  output_stream err{*session->head, task, 2, stderr, post};
  std::optional<transport::task_finished> end;
  transport::task_report report;
  bool cancelling = false;
  duration pause{0};
  while (!end || !out.is_complete() || !err.is_complete()) {
    if (interrupted != 0 && !cancelling) {
      cancelling = true;
      if (auto done = session->ask("cancel", {{"id", to_string(task.job)}}); !done)
        complain(done.error());
    }
    if (end && (out.failure() || err.failure())) {
      complain(out.failure() ? *out.failure() : *err.failure());
      break;
    }
    if (pause.count() == 0) {
      out.ask(std::chrono::seconds{5});
      err.ask(std::chrono::seconds{5});
    }
    auto what = box.take(pause.count() == 0 ? duration{std::chrono::milliseconds{200}} : pause);
    pause = duration{0};
    if (!what) continue;
    if (what->stream == 0) {
      if (what->told.task != task) continue;
      end = what->told;
      if (auto read = transport::decode_task_report(end->report)) report = std::move(*read);
      out.finish_from(report);
      err.finish_from(report);
    } else if (auto& stream = what->stream == 1 ? out : err;
               !stream.take(std::move(what->answer))) {
      pause = std::chrono::milliseconds{20};
    }
  }
  say_what_is_missing(out.position(), report.stdout_bytes, report.detail);
  say_what_is_missing(err.position(), report.stderr_bytes, report.detail);
  const int status = conclude(*end, report);
  return interrupted != 0 && status == 0 ? 0 : status;
}

}  // namespace

runner add_run(CLI::App& app, const tail& command) {
  auto* parsed = app.add_subcommand(
      "run", "run one command on the cluster now: its output here, its exit status as ours");
  auto to = std::make_shared<flags>();
  add_work_flags(*parsed, *to);
  add_cluster_flag(*parsed, *to);
  parsed->add_option("--priority", to->priority, "higher runs first (default 0)");
  parsed->footer("The command stands behind --, as in: fabricd run --gpus 1 -- nvidia-smi");
  return [to, &command] { return run(*to, command); };
}

}  // namespace fabric::daemon

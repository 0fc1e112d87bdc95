#include <chrono>
#include <memory>
#include <utility>

#include "actors/daemon/client_session.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/foreground_task.hpp"
#include "actors/daemon/interrupts.hpp"
#include "actors/daemon/run_verdict.hpp"
#include "actors/daemon/standard_output.hpp"
#include "actors/daemon/work_flags.hpp"
#include "transport/codec.hpp"

namespace fabric::daemon {

namespace {

struct flags : client_flags, work_flags {
  int priority = 0;
};

/// Faults: usage.
result<transport::submit> request_of(const flags& from, const tail& command) {
  auto work = work_of(from, command, "run");
  if (!work) return std::move(work).error();
  auto needs = demand_of(from);
  if (!needs) return std::move(needs).error();
  auto limit = time_limit_of(from);
  if (!limit) return std::move(limit).error();
  return transport::submit{.key = unique_key(),
                           .payload = transport::encode(*work),
                           .needs = std::move(*needs),
                           .priority = from.priority,
                           .poison_after = 1,
                           .time_limit = *limit,
                           .watch = true};
}

int run(const flags& from, const tail& command) {
  count_interrupts();
  auto request = request_of(from, command);
  if (!request) return complain(request.error());
  mailbox<run_news_type> box;
  auto session = connect(from, std::chrono::hours{24});
  if (!session) return complain(session.error());
  foreground_task task{*session, box, !from.as_json};
  auto end = task.run(std::move(*request));
  if (!end) return complain(end.error());
  if (!output_works()) return 0;  // main ends with that, and the cancelled task is our own doing
  const auto so = conclude(*end);
  if (from.as_json) print(document_of(*end, so));
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

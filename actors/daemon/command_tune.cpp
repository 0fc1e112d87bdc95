#include <spdlog/spdlog.h>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "actors/daemon/best_text.hpp"
#include "actors/daemon/boot.hpp"
#include "actors/daemon/mailbox.hpp"
#include "actors/daemon/scratch_folder.hpp"
#include "actors/daemon/standard_output.hpp"
#include "actors/daemon/state_dir.hpp"
#include "actors/daemon/study_lock.hpp"
#include "actors/daemon/trial_json.hpp"
#include "actors/daemon/tune_options.hpp"
#include "actors/daemon/tune_progress.hpp"
#include "actors/embedded_cluster.hpp"
#include "actors/spawner/spawner.hpp"
#include "actors/tune/opening.hpp"
#include "actors/tune/tuner_actor.hpp"
#include "resources/detect.hpp"
#include "resources/inventory.hpp"
#include "scheduler/job.hpp"
#include "scheduler/tuner/best_trials.hpp"

namespace fabric::daemon {

namespace {

using reason = tuner::study_command::done::reason;

std::atomic<int> interrupts = 0;
std::atomic<bool> is_searching = false;

/// While the search starts there is nobody who would see a second one.
void note_interrupt(int) {
  if (++interrupts > 1 && !is_searching) _exit(exit_status_of(fault_code::cancelled));
}

/// The terminal was closed, which shells and the kernel say more than once.
void note_hangup(int) {
  if (interrupts == 0) interrupts = 1;
}

/// A hangup that is ignored stays so: that is what `nohup` is for.
void listen_to_signals() {
  std::signal(SIGINT, note_interrupt);
  std::signal(SIGTERM, note_interrupt);
  if (std::signal(SIGHUP, note_hangup) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
}

fault interrupted_early() {
  return {fault_code::cancelled, "interrupted before the search began", "no trial was started"};
}

/// What the tuner tells the waiting command.
struct news {
  std::optional<tuner::trial> trial;
  std::optional<tuner::study_counts> counts;
  std::optional<result<reason>> done;
  std::string notice;  ///< for standard error
};

/// The cluster that the trials run on, this process's own or another.
struct venue {
  std::optional<scratch_folder> folder;
  std::shared_ptr<spawner::link> processes;
  std::unique_ptr<actors::runtime> process;
  std::unique_ptr<actors::embedded_cluster> embedded;
  std::shared_ptr<actors::head_connection> head;
};

/// The cluster file to use; empty where the trials are to run here. One that nobody named and whose
/// head is not running counts as none.
std::string cluster_in_use(const tune_flags& flags) {
  if (flags.local) return "";
  const auto found = find_cluster_file(flags.cluster);
  if (!found) return "";
  const auto& path = *found;
  const auto usual = default_cluster_file();
  if (path.empty() || !usual || path != *usual || !flags.cluster.empty()) return path;
  auto known = load_cluster(path);
  if (known && !pid_of_instance(known->state_dir)) return "";
  return path;
}

/// What an embedded node offers: what the machine has, but room for as many trials as were asked
/// for.
capacity embedded_capacity(const tune_options& how) {
  auto has = detect(this_machine()).has;
  const auto wanted = how.needs.amounts[cpu].value * how.study.parallel;
  if (how.parallel_given && wanted > has.amounts[cpu].value) has.amounts.set(cpu, milli{wanted});
  return has;
}

/// No other node can join an embedded cluster, so what this one cannot run would wait for ever.
result<void> check_room(const capacity& has, const demand& needs) {
  if (inventory{has}.could_ever_fit(needs)) return {};
  std::string lacks;
  for (const auto& condition : needs.where)
    if (!satisfies(has.labels, condition))
      lacks = "the label " + condition.key + " is not as wanted";
  for (const auto& [name, amount] : needs.amounts)
    if (has.amounts[name] < amount)
      lacks = "it needs " + to_string(resource_set{{std::string(name), amount}}) +
              ", this machine has " + to_string(has.amounts);
  return fault{fault_code::no_such_resource,
               "no trial could ever run here: " + (lacks.empty() ? "it does not fit" : lacks),
               "ask for less, or use a cluster that has it"};
}

result<venue> open_embedded(tune_options& how) {
  const auto has = embedded_capacity(how);
  if (auto fits = check_room(has, how.needs); !fits) return std::move(fits).error();
  venue made;
  auto folder = scratch_folder::make();
  if (!folder) return std::move(folder).error();
  made.folder.emplace(std::move(*folder));
  auto processes = spawner::link::launch({});
  if (!processes) return std::move(processes).error();
  made.processes = std::make_shared<spawner::link>(std::move(*processes));
  auto process = actors::runtime::start(2);
  if (!process) return std::move(process).error();
  made.process = std::move(*process);
  if (!how.parallel_given) {
    const auto each = std::max<std::int64_t>(how.needs.amounts[cpu].value, 1);
    how.study.parallel =
        static_cast<std::uint32_t>(std::max<std::int64_t>(has.amounts[cpu].value / each, 1));
  }
  auto embedded =
      actors::embedded_cluster::start(*made.process, made.processes, made.folder->path(), has);
  if (!embedded) return std::move(embedded).error();
  made.embedded = std::move(*embedded);
  made.head = std::make_shared<actors::head_connection>(*made.process, made.embedded->client());
  return made;
}

/// As many trials at a time as all nodes together have room for.
result<std::uint32_t> room_in(client_session& session, const demand& needs) {
  auto status = session.ask("status", json::object());
  if (!status) return std::move(status).error();
  double room = 0;
  for (const auto& node : (*status)["nodes"]) {
    double fits = 1e6;
    for (const auto& [name, amount] : needs.amounts) {
      const auto total = node["resources"]["total"].value(name, 0.0);
      fits = std::min(fits, std::floor(total * 1000.0 / static_cast<double>(amount.value) + 1e-9));
    }
    room += fits;
  }
  return static_cast<std::uint32_t>(std::clamp(room, 1.0, 10'000.0));
}

result<venue> open_cluster(tune_options& how, const tune_flags& flags, const std::string& path) {
  client_flags named = flags;
  named.cluster = path;
  auto session = connect(named, std::chrono::hours{24 * 365});
  if (!session) return std::move(session).error();
  auto room = room_in(*session, how.needs);
  if (!room) return std::move(room).error();
  if (!how.parallel_given) how.study.parallel = *room;
  venue made;
  made.process = std::move(session->process);
  made.head = std::move(session->head);
  return made;
}

/// Trials that this run is about, where that is known: those that were left open are among them.
std::optional<std::uint64_t> expected_trials(const tune_options& how,
                                             const actors::opened_study& study) {
  const auto counts = study.core.count();
  std::optional<std::uint64_t> most;
  if (how.study.trials_max) most = *how.study.trials_max + study.resumed;
  if (!counts.free || how.study.repeats != tuner::duplicates::never) return most;
  const auto left = *counts.free + study.resumed + counts.awaited;
  return most ? std::min(left, *most) : left;
}

void show_best(const tuner::trial& best, const tuner::space& over) {
  std::printf("best value %s (trial %llu%s%s)\n", number_text(best.values.front()).c_str(),
              static_cast<unsigned long long>(best.number), best.node.empty() ? "" : " on ",
              best.node.c_str());
  for (std::size_t i = 0; i < over.parameters().size(); ++i)
    if (over.is_active(best.where, i))
      std::printf("  %s = %s\n", over.parameters()[i].name.c_str(),
                  over.text_of(best.where, i).c_str());
}

std::string_view word_for(reason because) {
  switch (because) {
    case reason::exhausted: return "exhausted";
    case reason::trials_reached: return "trials_reached";
    case reason::value_reached: return "value_reached";
    case reason::no_improvement: return "no_improvement";
    case reason::stopped: return "stopped";
  }
  return "";
}

/// What ended the search, for people.
std::string why_over(const tune_options& how, reason because, bool is_late) {
  switch (because) {
    case reason::exhausted: {
      const auto size = how.study.over.size();
      if (!size) return "no new point was found";
      return *size == 1 ? "the one point of the space is done"
                        : "all " + std::to_string(*size) + " points of the space are done";
    }
    case reason::trials_reached: return "as many trials as were asked for";
    case reason::value_reached: return "the value " + number_text(*how.study.until) + " is reached";
    case reason::no_improvement:
      return counted(*how.study.patience, "trial") + " in a row brought nothing better";
    case reason::stopped: break;
  }
  if (interrupts > 0) return "interrupted";
  return is_late ? "the time is over" : "stopped";
}

/// What the file says once the study is over: the truth, not our memory of it. `is_late`: the time
/// for it was over.
int conclude(const tune_flags& flags, const tune_options& how, reason because, bool is_late) {
  auto file = store::study_store::open(how.storage, store::study_store::mode::read_only);
  if (!file) return complain(file.error());
  auto rows = file->trials(how.study.name, how.study.over);
  if (!rows) return complain(rows.error());
  tuner::best_trials found(how.study.directions);
  std::uint64_t complete = 0;
  std::uint64_t pruned = 0;
  std::uint64_t failed = 0;
  std::uint64_t outside = 0;
  for (const auto& row : *rows) {
    if (row.where.empty()) {
      outside += row.outside.empty() ? 0 : 1;  // what has no parameter yet is nowhere
      continue;
    }
    pruned += row.state == tuner::trial_state::pruned ? 1 : 0;
    failed += row.state == tuner::trial_state::fail ? 1 : 0;
    complete += row.state == tuner::trial_state::complete ? 1 : 0;
    found.add(row);
  }
  const auto* best = found.one();
  if (flags.as_json) {
    print_line({{"best", best == nullptr ? json(nullptr) : to_json(*best, how.study.over)},
                {"best_trials", to_json(found, how.study.over)},
                {"reason", word_for(because)},
                {"detail", why_over(how, because, is_late)},
                {"complete", complete},
                {"pruned", pruned},
                {"failed", failed},
                {"outside", outside},
                {"trials", rows->size()}});
  } else {
    const auto stopped = pruned == 0 ? "" : ", " + std::to_string(pruned) + " pruned";
    std::printf("study %s: %llu complete%s, %llu failed, %s\n", how.study.name.c_str(),
                static_cast<unsigned long long>(complete), stopped.c_str(),
                static_cast<unsigned long long>(failed), why_over(how, because, is_late).c_str());
    if (outside > 0)
      std::printf("%s of before %s\n", counted(outside, "trial").c_str(),
                  outside == 1 ? "lies outside the space and does not count"
                               : "lie outside the space and do not count");
    if (best != nullptr) show_best(*best, how.study.over);
    if (how.study.directions.size() > 1 && !found.all().empty())
      std::printf("best trials: %zu\n%s", found.all().size(),
                  front_text(found, how.study.directions, how.study.over).c_str());
  }
  if (interrupts > 0) return exit_status_of(fault_code::cancelled);
  if (found.all().empty())
    return remark({fault_code::task_failed, why_no_best(*rows),
                   "`fabricd study trials " + file->words_for(how.study.name) + "` shows why"});
  return 0;
}

int tune(const tune_flags& flags, const tail& command) {
  auto how = check(flags, command);
  if (!how) return complain(how.error());
  if (flags.storage.empty())
    if (auto home = state_home(); home)
      if (auto made = prepare_home_folder(*home); !made) return complain(made.error());
  auto lock = lock_study(how->storage, how->study.name);
  if (!lock) return complain(lock.error());
  listen_to_signals();
  // The spawner is forked before anything starts a thread.
  const auto path = cluster_in_use(flags);
  auto place = path.empty() ? open_embedded(*how) : open_cluster(*how, flags, path);
  if (!place) {
    if (place.error().code == fault_code::unreachable)
      place.error().hint += (place.error().hint.empty() ? "" : "; ") +
                            std::string{"--local runs the trials in this process"};
    return complain(place.error());
  }
  if (interrupts > 0) return complain(interrupted_early());
  auto study = actors::open_study(how->study, how->storage, flags.load_if_exists);
  if (!study) return complain(study.error());

  tune_progress progress{how->study, expected_trials(*how, *study), flags.as_json};
  progress.known(study->core.front());
  if (const auto& left = study->left_waiting; !left.empty())
    progress.notice(
        "leaving to Optuna's workers what is enqueued with some of the parameters only, "
        "or outside of the space: " +
        tuner::named(left.front()) +
        (left.size() == 1 ? "" : " and " + std::to_string(left.size() - 1) + " more"));
  mailbox<news> box;
  actors::tuner_settings settings{
      .study = how->study.name,
      .uid = study->uid,
      .self = study->self,
      .left_jobs = std::move(study->left_jobs),
      .pattern = how->pattern,
      .output = how->output,
      .needs = how->needs,
      .time_limit = how->trial_limit,
      .retries = flags.retries,
      .priority = flags.priority,
      .on_trial = [&box](const tuner::trial& row) { box.put({.trial = row}); },
      .on_counts = [&box](const tuner::study_counts& counts) { box.put({.counts = counts}); },
      .on_notice = [&box](const std::string& what) { box.put({.notice = what}); },
      .on_done = [&box](result<reason> because) { box.put({.done = std::move(because)}); }};
  study->file.wait_by({.notice = [&box](const std::string& what) { box.put({.notice = what}); },
                       .goes_on = [] { return interrupts == 0; }});
  auto file = std::make_shared<actors::study_keeper>(std::move(study->file));
  is_searching = true;
  auto tuner = spawn_tuner(place->process->actors(), std::move(settings), std::move(study->core),
                           file, place->head);
  const auto end = how->time_limit.count() == 0
                       ? std::chrono::steady_clock::time_point::max()
                       : std::chrono::steady_clock::now() + how->time_limit;
  std::optional<result<reason>> done;
  bool is_late = false;
  bool cancelling = false;
  ask_while_output_waits([] { return interrupts == 0; });
  while (!done) {
    if (auto what = box.take(std::chrono::milliseconds{200})) {
      if (what->trial) progress.trial(*what->trial);
      if (what->counts) progress.counts(*what->counts);
      if (!what->notice.empty()) progress.notice(what->notice);
      done = std::move(what->done);
    }
    if (!is_late && std::chrono::steady_clock::now() >= end) {
      is_late = true;
      caf::anon_send(tuner, actors::tuner_stop{false});
    }
    if (interrupts > 0 && !cancelling) {
      cancelling = true;
      std::fputs("\nfabricd: stopping; running trials are given back (again to leave at once)\n",
                 stderr);
      caf::anon_send(tuner, actors::tuner_stop{true});
    }
    if (!cancelling && !output_works()) {
      cancelling = true;
      std::fputs("fabricd: the output is lost: stopping; running trials are given back\n", stderr);
      caf::anon_send(tuner, actors::tuner_stop{true});
    }
    if (interrupts > 1) _exit(exit_status_of(fault_code::cancelled));
  }
  progress.finish();
  {
    caf::scoped_actor self{place->process->actors()};
    self->send_exit(tuner, caf::exit_reason::user_shutdown);
    self->wait_for(tuner);
  }
  tuner = nullptr;
  file->post([is_well = static_cast<bool>(*done)](store::study_store& rows) {
    if (auto left = rows.leave(); !left && is_well)
      spdlog::warn("cannot leave the study: {}", to_line(left.error()));
  });
  file.reset();  // everything is stored
  if (!*done) return complain(done->error());
  return conclude(flags, *how, **done, is_late);
}

}  // namespace

runner add_tune(CLI::App& app, const tail& command) {
  auto* parsed = app.add_subcommand("tune", "search for the best parameters of a command");
  auto to = std::make_shared<tune_flags>();
  add_tune_flags(*parsed, *to);
  add_client_flags(*parsed, *to);
  parsed->footer(
      "The command stands behind --; {x}, $FABRIC_PARAM_x and $FABRIC_PARAMS (JSON) carry the "
      "point:\n"
      "  fabricd tune --study s --minimize --param 'x=int(1,9)' -- ./objective --x {x}");
  return [to, &command] { return tune(*to, command); };
}

}  // namespace fabric::daemon

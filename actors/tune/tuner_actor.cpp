#include "actors/tune/tuner_actor.hpp"

#include <spdlog/spdlog.h>

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "actors/clock.hpp"
#include "actors/tune/point_desk.hpp"
#include "actors/tune/search_mistakes.hpp"
#include "actors/tune/step_batch.hpp"
#include "actors/tune/trial_command.hpp"
#include "actors/tune/trial_key.hpp"
#include "actors/tune/trial_notes.hpp"
#include "scheduler/job.hpp"
#include "scheduler/tuner/value_count.hpp"
#include "transport/codec.hpp"

namespace fabric::actors {

namespace {

using tuner::study_event::told;
namespace orders = tuner::study_command;

/// A leased point that is being evaluated.
struct running_trial {
  std::uint32_t attempt = 1;
  tuner::point where;
  job_id job;
  std::uint32_t round = 1;   ///< of its key: each earlier one named a job that was cancelled
  bool is_clearing = false;  ///< `job` is an earlier tuner's and has to end first
  bool is_again = false;
};

struct tuner_state {
  tuner_settings how;
  std::optional<tuner::study> core;
  tuner::value_count values{1};
  std::shared_ptr<study_keeper> file;
  std::shared_ptr<head_connection> head;
  tuner_watch others;
  std::map<tuner::trial_number, running_trial> running;
  std::map<job_id, tuner::trial_number> by_job;
  trial_notes notes;
  std::deque<tuner::study_event_type> events;  ///< that came while a batch was under way
  step_batch storing;                          ///< the batch under way
  bool is_storing = false;
  bool is_looking = false;
  bool has_asked_why = false;  ///< whether any node could run a trial: all need the same
  instant next_beat{};
  bool has_notes = false;  ///< jobs that the file does not know yet, unless a batch took them along
  bool stopping = false;   ///< nothing new is to begin
  bool cancelling = false;  ///< nor is what runs to go on
  bool over = false;
  std::optional<fault> mistake;  ///< in how the search was started: it ends with that
  std::vector<tuner::trial_number> without_value;  ///< failed so, before any had one
  std::set<std::string> told_waits;                ///< whom it waits for, said once
  std::string look_failed;                         ///< the last look, so: said once in a row
  std::size_t given_back = 0;                      ///< trials, after a stop
};

using tuner_self = tuner_actor::stateful_pointer<tuner_state>;

constexpr auto tick_period = std::chrono::seconds{1};

/// The first node's reason where no node could ever run a task; else empty.
std::string hopeless(const std::string& explanation) {
  const auto document = nlohmann::json::parse(explanation, nullptr, false);
  if (!document.is_object() || !document.contains("nodes")) return {};
  const auto& nodes = document["nodes"];
  std::string reason;
  for (const auto& node : nodes) {
    if (node.value("could_ever", true)) return {};
    if (reason.empty()) reason = node.value("name", "") + ": " + node.value("reason", "");
  }
  if (nodes.size() > 1) reason += ", and so on";
  return reason;
}

class tuning {
 public:
  explicit tuning(tuner_self self) : self_(self), s_(self->state) {}

  /// Events that come while a batch is under way wait for its end: until then the numbers of its
  /// new trials are not certain. All that wait make one batch, one transaction.
  void feed(tuner::study_event_type what) {
    s_.events.push_back(std::move(what));
    advance();
  }

  void stored(tuner_stored& what) {
    if (s_.over) return;
    s_.is_storing = false;
    auto done = std::exchange(s_.storing, {});
    if (!*what.outcome) {
      give_up(what.outcome->error());
      return;
    }
    auto found = verdict_on(done, **what.outcome);
    for (auto& command : done.commands)
      std::visit([&](auto& order) { perform(order, found); }, command);
    if (found.has_news()) s_.events.push_front(std::move(found.news));
    advance();
  }

  /// Now and then: show that we live, and see what became of the points that others have.
  void tick() {
    if (s_.over) return;
    self_->delayed_send(tuner_actor{self_}, tick_period, tuner_tick{});
    const bool beats = s_.has_notes || now() >= s_.next_beat;
    auto awaited = s_.core->awaited();
    if (s_.is_looking || (!beats && awaited.empty())) return;
    s_.is_looking = true;
    if (beats) s_.next_beat = now() + beat_period;
    if (beats) s_.has_notes = false;
    s_.file->post([me = tuner_actor{self_}, beats, awaited = std::move(awaited),
                   name = s_.how.study, over = s_.core->how().over](store::study_store& file) {
      const auto beaten = beats ? file.beat() : result<void>{};
      auto found =
          beaten ? look(file, name, over, awaited, beats) : result<look_around>(beaten.error());
      caf::anon_send(me, tuner_looked{std::make_shared<result<look_around>>(std::move(found))});
    });
  }

  void looked(tuner_looked& what) {
    if (s_.over) return;
    s_.is_looking = false;
    if (!*what.found) {
      auto line = to_line(what.found->error());
      if (line != std::exchange(s_.look_failed, line))
        spdlog::warn("cannot look at the study: {}", line);
      return;
    }
    s_.look_failed.clear();
    if (s_.running.empty() && !s_.stopping && s_.how.on_notice)
      for (auto& line : waits_for(**what.found, s_.how.self))
        if (s_.told_waits.insert(line).second) s_.how.on_notice(line);
    if (tell_study(std::move(**what.found), s_.how.self, s_.others, now(), s_.events,
                   s_.how.left_jobs))
      feed(tuner::study_event::asked{});
  }

  void submitted(tuner_submitted& what) {
    auto found = s_.running.find(what.number);
    if (s_.over || found == s_.running.end() || found->second.attempt != what.attempt) return;
    if (!*what.answer) {
      give_up(what.answer->error());
      return;
    }
    const auto* accepted = std::get_if<transport::submitted>(&**what.answer);
    if (accepted == nullptr) {
      give_up({fault_code::unsupported, "the head answered a submission with another message", ""});
      return;
    }
    found->second.job = accepted->job;
    s_.by_job[accepted->job] = what.number;
    s_.file->post([number = what.number, job = accepted->job.value](store::study_store& file) {
      file.note_job(number, job);
    });
    s_.has_notes = true;
    if (!std::exchange(s_.has_asked_why, true)) ask_why(accepted->job);
    call_off(accepted->job);
  }

  void heard(transport::message& what) {
    if (auto* end = std::get_if<transport::task_finished>(&what)) {
      finished(*end);
    } else if (const auto* said = std::get_if<transport::note>(&what)) {
      reported(*said);
    } else if (std::holds_alternative<transport::welcome>(what)) {
      for (const auto& [job, number] : s_.by_job) watch(job);
    } else if (const auto* refused = std::get_if<transport::refused>(&what)) {
      if (!s_.over) give_up(refused->why);
    }
  }

  void explained(const tuner_explained& what) {
    if (s_.over || !s_.how.on_notice) return;
    if (const auto why = hopeless(what.document); !why.empty())
      s_.how.on_notice("no node known now could ever run a trial (" + why +
                       "); it waits for one that can; `fabricd explain " + to_string(what.job) +
                       "` shows each");
  }

  /// A task that a dead tuner started with other content would evaluate the point beside ours, so
  /// it has to end first. One with our content is taken up where it is.
  void found_job(const tuner_found_job& what) {
    auto found = s_.running.find(what.number);
    if (s_.over || found == s_.running.end() || found->second.attempt != what.attempt) return;
    auto& trial = found->second;
    const bool is_its_own = what.key.starts_with(trial_key_prefix(s_.how.uid, what.number));
    if (s_.cancelling || !is_its_own || what.is_over ||
        is_round_of(what.key, submission(what.number, trial).key)) {
      submit(what.number, trial);
      return;
    }
    trial.is_clearing = true;
    trial.job = what.job;
    s_.by_job[what.job] = what.number;
    watch(what.job);
    cancel(what.job);
  }

  void stop(const tuner_stop& what) {
    s_.stopping = true;
    feed(tuner::study_event::stop_requested{});
    if (s_.cancelling) return;
    s_.cancelling = what.cancel_running;
    for (const auto& [job, number] : s_.by_job) call_off(job);
  }

 private:
  void advance() {
    if (s_.is_storing || s_.over || s_.events.empty()) return;
    auto& next = s_.storing;
    while (!s_.events.empty()) {
      const auto what = std::move(s_.events.front());
      s_.events.pop_front();
      next.add(s_.core->step(what, wall_ms()));
    }
    if (s_.how.on_counts) s_.how.on_counts(s_.core->count());
    if (next.is_empty()) return;
    s_.is_storing = true;
    store();
  }

  void store() {
    const tuner_actor me{self_};
    if (!s_.storing.has_rows()) {
      self_->send(me, tuner_stored{std::make_shared<result<batch_answer>>(batch_answer{})});
      return;
    }
    s_.file->post([me, rows = s_.storing.rows, reports = s_.storing.reports, name = s_.how.study,
                   over = s_.core->how().over](store::study_store& file) {
      caf::anon_send(me, tuner_stored{std::make_shared<result<batch_answer>>(
                             write_batch(file, name, over, rows, reports))});
    });
  }

  // What the study orders, once its rows are stored.
  static void perform(orders::persist&, const batch_verdict&) {}
  static void perform(orders::persist_report&, const batch_verdict&) {}
  void perform(orders::answered& what, const batch_verdict& found) {
    const auto asker = s_.notes.answered(what.ticket);
    if (found.reported_in_vain.contains(asker.trial))
      what.what = fault{fault_code::stale_attempt, "another tuner has the trial by now", ""};
    answer(asker.what, what.what);
  }
  void perform(orders::evaluate& what, const batch_verdict& found) {
    if (found.not_ours.contains(what.number)) return;
    const auto moved = found.moved.find(what.number);
    const auto number = moved == found.moved.end() ? what.number : moved->second;
    auto& trial = s_.running[number];
    trial = {.attempt = what.attempt, .where = std::move(what.where), .is_again = what.is_again};
    const auto left = s_.how.left_jobs.extract(number);
    if (left.empty() && s_.stopping)  // stored just when the stop came
      give_back(number);
    else if (left.empty())
      submit(number, trial);
    else
      ask_for(job_id{left.mapped()}, number, trial.attempt);
  }
  static void perform(orders::refused& what, const batch_verdict&) {
    spdlog::info("trial {} attempt {}: {}", what.number, what.attempt, what.why);
  }
  void perform(orders::finished& what, const batch_verdict& found) {
    if (found.not_ours.contains(what.row.number)) {
      spdlog::info("the result of trial {} came too late: another tuner has it", what.row.number);
      return;
    }
    if (const auto moved = found.moved.find(what.row.number); moved != found.moved.end())
      what.row.number = moved->second;
    if (s_.how.on_trial) s_.how.on_trial(what.row);
  }
  void perform(orders::winding_up&, const batch_verdict&) {
    s_.stopping = true;
    for (const auto& [job, number] : s_.by_job) call_off(job);
  }
  /// The study takes it back where a result was not recorded, and says it again when it is so.
  void perform(orders::done& what, const batch_verdict& found) {
    if (found.news.unrecorded.empty()) conclude(what.because);
  }

  [[nodiscard]] transport::submit submission(tuner::trial_number number,
                                             const running_trial& trial) const {
    const auto work = work_for(s_.how.pattern, s_.core->how().over, trial.where, number);
    transport::submit made{.name = s_.how.study + " #" + std::to_string(number),
                           .study = s_.how.study,
                           .payload = transport::encode(work),
                           .needs = s_.how.needs,
                           .priority = s_.how.priority,
                           .retries = s_.how.retries,
                           .time_limit = s_.how.time_limit,
                           .watch = true};
    made.key = trial_key(s_.how.uid, number, made);
    return made;
  }

  void submit(tuner::trial_number number, const running_trial& trial) {
    auto body = submission(number, trial);
    if (trial.round > 1) body.key += "/" + std::to_string(trial.round);
    s_.head->call(std::move(body), [me = tuner_actor{self_}, number,
                                    attempt = trial.attempt](result<transport::message> answer) {
      caf::anon_send(
          me, tuner_submitted{number, attempt,
                              std::make_shared<result<transport::message>>(std::move(answer))});
    });
  }

  void ask_why(job_id job) {
    s_.head->call(
        transport::ask{{}, "explain", "{\"id\":\"" + to_string(job) + "\"}"},
        [me = tuner_actor{self_}, job](const result<transport::message>& answer) {
          if (const auto* why = answer ? std::get_if<transport::answer>(&*answer) : nullptr)
            caf::anon_send(me, tuner_explained{job, why->body});
        });
  }

  void ask_for(job_id job, tuner::trial_number number, std::uint32_t attempt) {
    s_.head->call(
        transport::ask{{}, "get", "{\"id\":\"" + to_string(job) + "\"}"},
        [me = tuner_actor{self_}, job, number, attempt](const result<transport::message>& answer) {
          tuner_found_job found{.number = number, .attempt = attempt, .job = job};
          const auto* known = answer ? std::get_if<transport::answer>(&*answer) : nullptr;
          const auto document = nlohmann::json::parse(known ? known->body : "", nullptr, false);
          if (document.is_object()) {
            found.key = document.value("key", "");
            const auto state = document.value("state", "");
            found.is_over = state != "queued" && state != "running";
          }
          caf::anon_send(me, std::move(found));
        });
  }

  void watch(job_id job) {
    s_.head->call(transport::watch{{}, job}, [](const result<transport::message>& answer) {
      if (!answer) spdlog::warn("cannot watch a trial: {}", to_line(answer.error()));
    });
  }

  /// After a stop: what waits, and where that was wanted what runs too.
  void call_off(job_id job) {
    if (s_.cancelling)
      cancel(job);
    else if (s_.stopping)
      cancel(job, ",\"unless_held\":true");
  }

  void cancel(job_id job, const std::string& condition = "") {
    s_.head->call(
        transport::ask{{}, "cancel", "{\"id\":\"" + to_string(job) + "\"" + condition + "}"},
        [](const result<transport::message>& answer) {
          if (!answer) spdlog::warn("cannot cancel a trial: {}", to_line(answer.error()));
        });
  }

  void finished(const transport::task_finished& end) {
    auto known = s_.by_job.find(end.task.job);
    if (known == s_.by_job.end()) return;
    const auto number = known->second;
    s_.by_job.erase(known);
    auto found = s_.running.find(number);
    if (found == s_.running.end()) return;
    auto& trial = found->second;
    const auto state = static_cast<scheduler::task_state>(end.state);
    const bool was_cancelled = state == scheduler::task_state::cancelled || trial.is_clearing;
    if (was_cancelled && !s_.stopping && (trial.is_clearing || trial.round <= trial.attempt)) {
      // Its key was used by an earlier run of this study that cancelled the trial.
      if (!std::exchange(trial.is_clearing, false)) ++trial.round;
      submit(number, trial);
      return;
    }
    const auto attempt = trial.attempt;
    if (was_cancelled && s_.stopping) {
      give_back(number);
      advance();
      return;
    }
    std::optional<fault> lack;
    auto what = outcome_of(number, attempt, state, end, lack);
    if (s_.values.shows_mistake(what.values.size()))
      return refuse(number, wrong_count(what.values.size(), s_.core->how().directions));
    if (const auto why = not_begun(end); why && !s_.values.was_right()) return refuse(number, *why);
    if (!speaks_of_the_rule(number, trial)) lack.reset();
    if (lack && s_.values.lacks_value()) {
      try_again(std::exchange(s_.without_value, {}));
      return refuse(number, *lack);
    }
    if (lack && !s_.values.was_right()) s_.without_value.push_back(number);
    s_.running.erase(found);
    s_.events.emplace_back(std::move(what));
    feed(tuner::study_event::asked{});
  }

  /// Whether a trial without a value says that values are looked for at a wrong place. Not where
  /// the study has some, nor where the trial was not to go on to its own. Nor where its point was
  /// given back before, so that a search which is resumed again and again gets on.
  [[nodiscard]] bool speaks_of_the_rule(tuner::trial_number number,
                                        const running_trial& trial) const {
    const bool has_values = s_.core->count().complete > 0 || !s_.core->front().empty();
    return !has_values && !s_.core->is_told_to_stop(number) && !trial.is_again;
  }

  /// Ends the search with all points given back, for a better one.
  void refuse(tuner::trial_number number, fault mistake) {
    s_.mistake = std::move(mistake);
    stop({.cancel_running = true});
    give_back(number);
    advance();
  }

  /// Trials that failed by the same mistake, before it was seen to be one.
  void try_again(std::vector<tuner::trial_number> failed) {
    s_.file->post([failed = std::move(failed), how = s_.core->how()](store::study_store& file) {
      for (const auto number : failed)
        if (auto again = retry_trial(file, how, number); !again)
          spdlog::warn("cannot give a point back: {}", to_line(again.error()));
    });
  }

  /// A report of a trial that is being evaluated for us. What is not known (yet) is not answered:
  /// its node says it again.
  void reported(const transport::note& what) {
    const auto known = s_.by_job.find(what.id.task.job);
    if (s_.over || known == s_.by_job.end()) return;
    const auto found = s_.running.find(known->second);
    if (found == s_.running.end() || found->second.is_clearing) return;
    const auto report = report_in(what.body);
    if (!report) return answer(what, report.error());
    feed(tuner::study_event::reported{known->second, found->second.attempt, to_string(what.id),
                                      *report, s_.notes.asked(known->second, what)});
  }

  void answer(const transport::note& what, const result<tuner::verdict>& with) {
    s_.head->call(
        transport::note_answer{
            .number = what.number, .id = what.id, .body = answer_text(with), .to = what.from},
        [](const result<transport::message>& answer) {
          if (!answer) spdlog::warn("cannot answer: {}", to_line(answer.error()));
        });
  }

  /// Its row stays open, for whoever goes on with the study.
  void give_back(tuner::trial_number number) {
    s_.events.emplace_back(tuner::study_event::vanished{number, s_.running.at(number).attempt});
    s_.running.erase(number);
    ++s_.given_back;
  }

  /// `lack`: the mistake that it is, where the command ended well and printed no value.
  [[nodiscard]] told outcome_of(tuner::trial_number number, std::uint32_t attempt,
                                scheduler::task_state state, const transport::task_finished& end,
                                std::optional<fault>& lack) const {
    told what{.number = number, .attempt = attempt, .node = end.node_name};
    auto report = transport::decode_task_report(end.report);
    if (!report) {
      what.error = std::string{name_of(state)} + " without a report";
      return what;
    }
    what.host = report->host;
    what.start_ms = report->started_ms;
    what.complete_ms = report->ended_ms;
    if (state == scheduler::task_state::succeeded) {
      auto found = finding_in(report->stdout_tail, s_.how.output);
      if (!found) {
        what.error = found.error().detail;
        if (found.error().code == fault_code::task_failed)
          lack = no_values(found.error(), report->stdout_tail);
        return what;
      }
      what.values = std::move(found->values);
      what.constraints = std::move(found->constraints);
      return what;
    }
    const auto said = last_line_of(report->stderr_tail);
    what.error = said.empty() ? report->detail : said;
    if (what.error.empty()) what.error = name_of(state);
    return what;
  }

  void conclude(orders::done::reason because) {
    if (s_.mistake) return give_up(*s_.mistake);
    s_.over = true;
    if (s_.given_back > 0 && !s_.cancelling && s_.how.on_notice)
      s_.how.on_notice(std::to_string(s_.given_back) +
                       " trials that no node had begun are given back; --load-if-exists goes on "
                       "with them");
    if (s_.how.on_done) std::exchange(s_.how.on_done, nullptr)(because);
  }
  void give_up(const fault& why) {
    s_.over = true;
    if (s_.how.on_done) std::exchange(s_.how.on_done, nullptr)(why);
  }

  tuner_self self_;
  tuner_state& s_;
};

struct boot {
  tuner_settings how;
  tuner::study core;
  std::shared_ptr<study_keeper> file;
  std::shared_ptr<head_connection> head;
};

}  // namespace

tuner_actor spawn_tuner(caf::actor_system& system, tuner_settings how, tuner::study core,
                        std::shared_ptr<study_keeper> file, std::shared_ptr<head_connection> head) {
  auto box = std::make_shared<boot>(
      boot{std::move(how), std::move(core), std::move(file), std::move(head)});
  return system.spawn([box](tuner_self self) -> tuner_actor::behavior_type {
    auto& s = self->state;
    s.how = std::move(box->how);
    s.core.emplace(std::move(box->core));
    s.values = tuner::value_count{s.core->how().directions.size()};
    s.file = std::move(box->file);
    s.head = std::move(box->head);
    const auto weak = caf::actor_cast<caf::weak_actor_ptr>(tuner_actor{self});
    s.head->listen([weak](const transport::message& what) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<tuner_actor>(strong), tuner_heard{what});
    });
    s.next_beat = now() + beat_period;
    tuning{self}.feed(tuner::study_event::asked{});
    self->delayed_send(tuner_actor{self}, tick_period, tuner_tick{});
    return {
        [self](const tuner_stop& what) { tuning{self}.stop(what); },
        [self](tuner_heard& what) { tuning{self}.heard(what.what); },
        [self](tuner_submitted& what) { tuning{self}.submitted(what); },
        [self](tuner_stored& what) { tuning{self}.stored(what); },
        [self](tuner_looked& what) { tuning{self}.looked(what); },
        [self](const tuner_found_job& what) { tuning{self}.found_job(what); },
        [self](const tuner_explained& what) { tuning{self}.explained(what); },
        [self](tuner_tick) { tuning{self}.tick(); },
    };
  });
}

}  // namespace fabric::actors

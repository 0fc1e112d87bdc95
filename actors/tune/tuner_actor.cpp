#include "actors/tune/tuner_actor.hpp"

#include <spdlog/spdlog.h>

#include <deque>
#include <map>
#include <utility>

#include "actors/clock.hpp"
#include "actors/tune/trial_command.hpp"
#include "scheduler/job.hpp"
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
  bool again = false;  ///< its first key named a job that had been cancelled: this one has a new key
};

/// A step's commands that wait for its rows.
struct waiting_step {
  std::vector<store::study_store::change> rows;
  std::vector<tuner::study_command_type> commands;
};

struct tuner_state {
  tuner_settings how;
  std::optional<tuner::study> core;
  std::shared_ptr<study_keeper> file;
  std::shared_ptr<head_connection> head;
  std::map<tuner::trial_number, running_trial> running;
  std::map<job_id, tuner::trial_number> by_job;
  std::vector<waiting_step> gathering;  ///< steps since the last batch went to the file
  std::vector<waiting_step> storing;    ///< the batch under way
  std::uint64_t batch = 0;
  bool cancelling = false;
  bool over = false;
};

using tuner_self = tuner_actor::stateful_pointer<tuner_state>;

class tuning {
 public:
  explicit tuning(tuner_self self) : self_(self), s_(self->state) {}

  void feed(const tuner::study_event_type& what) {
    if (s_.over) return;
    waiting_step step;
    for (auto& command : s_.core->step(what, wall_ms())) {
      if (auto* row = std::get_if<orders::persist>(&command))
        step.rows.push_back({std::move(row->row), row->is_new, row->unique_point});
      else
        step.commands.push_back(std::move(command));
    }
    if (s_.how.on_counts) s_.how.on_counts(s_.core->count());
    if (step.rows.empty() && step.commands.empty()) return;
    s_.gathering.push_back(std::move(step));
    store_gathered();
  }

  void stored(tuner_stored& what) {
    if (s_.over || what.batch != s_.batch) return;
    auto steps = std::exchange(s_.storing, {});
    if (!*what.outcome) {
      give_up(what.outcome->error());
      return;
    }
    const auto& outcomes = (*what.outcome)->outcomes;
    std::size_t row = 0;
    std::vector<tuner::trial_number> lost_proposals;
    for (auto& step : steps)
      for (auto& change : step.rows)
        if (outcomes.at(row++) == store::study_store::outcome::conflict && change.is_new)
          lost_proposals.push_back(change.row.number);
    for (auto& step : steps)
      for (auto& command : step.commands)
        std::visit([&](auto& order) { perform(order, lost_proposals); }, command);
    for (const auto number : lost_proposals)
      feed(tuner::study_event::taken_elsewhere{number, std::nullopt});
    store_gathered();
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
    if (s_.cancelling) cancel(accepted->job);
  }

  void heard(transport::message& what) {
    if (auto* end = std::get_if<transport::task_finished>(&what)) {
      finished(*end);
    } else if (std::holds_alternative<transport::welcome>(what)) {
      for (const auto& [job, number] : s_.by_job) watch(job);
    }
  }

  void stop(const tuner_stop& what) {
    feed(tuner::study_event::stop_requested{});
    if (!what.cancel_running || s_.cancelling) return;
    s_.cancelling = true;
    for (const auto& [job, number] : s_.by_job) cancel(job);
  }

 private:
  /// Everything that gathered while a batch was under way is the next batch: one transaction.
  void store_gathered() {
    if (!s_.storing.empty() || s_.gathering.empty()) return;
    s_.storing = std::exchange(s_.gathering, {});
    const auto batch = ++s_.batch;
    std::vector<store::study_store::change> rows;
    for (const auto& step : s_.storing)
      rows.insert(rows.end(), step.rows.begin(), step.rows.end());
    const tuner_actor me{self_};
    if (rows.empty()) {
      self_->send(me, tuner_stored{batch, std::make_shared<result<store::study_store::stored>>(
                                              store::study_store::stored{})});
      return;
    }
    s_.file->post([me, batch, rows = std::move(rows), name = s_.how.study,
                   over = s_.core->how().over](store::study_store& file) {
      auto outcome = std::make_shared<result<store::study_store::stored>>(
          file.apply(name, over, rows));
      caf::anon_send(me, tuner_stored{batch, std::move(outcome)});
    });
  }

  // What the study orders, once its rows are stored.
  using numbers = std::vector<tuner::trial_number>;
  void perform(orders::persist&, const numbers&) {}
  void perform(orders::evaluate& what, const numbers& lost) {
    if (std::find(lost.begin(), lost.end(), what.number) != lost.end()) return;
    auto& trial = s_.running[what.number];
    trial = {.attempt = what.attempt, .where = std::move(what.where)};
    submit(what.number, trial);
  }
  void perform(orders::refused& what, const numbers&) {
    spdlog::info("trial {} attempt {}: {}", what.number, what.attempt, what.why);
  }
  void perform(orders::finished& what, const numbers&) {
    if (s_.how.on_trial) s_.how.on_trial(what.row);
  }
  void perform(orders::done& what, const numbers&) { conclude(what.because); }

  void submit(tuner::trial_number number, const running_trial& trial) {
    auto key = "trial/" + s_.how.uid + "/" + std::to_string(number);
    if (trial.again) key += "/" + std::to_string(trial.attempt);
    const auto work =
        work_for(s_.how.pattern, s_.core->how().over, trial.where, number);
    const tuner_actor me{self_};
    s_.head->call(
        transport::submit{.name = s_.how.study + " #" + std::to_string(number),
                          .key = std::move(key),
                          .study = s_.how.study,
                          .payload = transport::encode(work),
                          .needs = s_.how.needs,
                          .priority = s_.how.priority,
                          .retries = s_.how.retries,
                          .time_limit = s_.how.time_limit,
                          .watch = true},
        [me, number, attempt = trial.attempt](result<transport::message> answer) {
          caf::anon_send(me, tuner_submitted{number, attempt,
                                             std::make_shared<result<transport::message>>(
                                                 std::move(answer))});
        });
  }

  void watch(job_id job) {
    s_.head->call(transport::watch{{}, job}, [](const result<transport::message>& answer) {
      if (!answer) spdlog::warn("cannot watch a trial: {}", to_line(answer.error()));
    });
  }

  void cancel(job_id job) {
    s_.head->call(transport::ask{{}, "cancel", "{\"id\":\"" + to_string(job) + "\"}"},
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
    if (state == scheduler::task_state::cancelled && !s_.cancelling && !trial.again) {
      // The key was used by an earlier run of this study that cancelled the trial.
      trial.again = true;
      submit(number, trial);
      return;
    }
    const auto attempt = trial.attempt;
    s_.running.erase(found);
    if (state == scheduler::task_state::cancelled && s_.cancelling) {
      feed(tuner::study_event::vanished{number, attempt});
      return;
    }
    feed(outcome_of(number, attempt, state, end));
    feed(tuner::study_event::asked{});
  }

  [[nodiscard]] told outcome_of(tuner::trial_number number, std::uint32_t attempt,
                                scheduler::task_state state,
                                const transport::task_finished& end) const {
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
      auto value = value_in(report->stdout_tail, s_.how.value);
      if (value)
        what.value = *value;
      else
        what.error = value.error().detail;
      return what;
    }
    const auto said = last_line_of(report->stderr_tail);
    what.error = said.empty() ? report->detail : said;
    if (what.error.empty()) what.error = name_of(state);
    return what;
  }

  void conclude(orders::done::reason because) {
    s_.over = true;
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
                        std::shared_ptr<study_keeper> file,
                        std::shared_ptr<head_connection> head) {
  auto box = std::make_shared<boot>(
      boot{std::move(how), std::move(core), std::move(file), std::move(head)});
  return system.spawn([box](tuner_self self) -> tuner_actor::behavior_type {
    auto& s = self->state;
    s.how = std::move(box->how);
    s.core.emplace(std::move(box->core));
    s.file = std::move(box->file);
    s.head = std::move(box->head);
    const auto weak = caf::actor_cast<caf::weak_actor_ptr>(tuner_actor{self});
    s.head->listen([weak](const transport::message& what) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<tuner_actor>(strong), tuner_heard{what});
    });
    tuning{self}.feed(tuner::study_event::asked{});
    return {
        [self](const tuner_stop& what) { tuning{self}.stop(what); },
        [self](tuner_heard& what) { tuning{self}.heard(what.what); },
        [self](tuner_submitted& what) { tuning{self}.submitted(what); },
        [self](tuner_stored& what) { tuning{self}.stored(what); },
    };
  });
}

}  // namespace fabric::actors

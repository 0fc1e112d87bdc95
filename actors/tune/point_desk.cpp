#include "actors/tune/point_desk.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/clock.hpp"
#include "actors/tune/sharing.hpp"
#include "actors/tune/step_batch.hpp"
#include "actors/tune/tuner_process.hpp"
#include "resources/detect.hpp"
#include "scheduler/tuner/retried.hpp"

namespace fabric::actors {

namespace {

using tuner::named;
using tuner::trial_state;

/// The point that a batch hands out, where the file says that it is ours.
std::optional<asked_point> point_in(step_batch& done, const batch_verdict& found) {
  for (auto& command : done.commands) {
    auto* work = std::get_if<tuner::study_command::evaluate>(&command);
    if (work == nullptr || found.not_ours.contains(work->number)) continue;
    const auto moved = found.moved.find(work->number);
    const auto number = moved == found.moved.end() ? work->number : moved->second;
    return asked_point{number, work->attempt, std::move(work->where), 0};
  }
  return std::nullopt;
}

/// Steps the study, and writes what it says, until a point is ours; nothing where there is none.
result<std::optional<asked_point>> next_point(store::study_store& file, tuner::study& core) {
  const auto& how = core.how();
  tuner::study_event_type next = tuner::study_event::asked{};
  for (;;) {
    step_batch batch;
    batch.add(core.step(next, wall_ms()));
    batch_answer answer;
    if (batch.has_rows()) {
      auto written = write_batch(file, how.name, how.over, batch.rows, batch.reports);
      if (!written) return std::move(written).error();
      answer = std::move(*written);
    }
    auto found = verdict_on(batch, answer);
    if (auto point = point_in(batch, found)) return point;
    if (!found.has_news()) return std::optional<asked_point>{};
    next = std::move(found.news);
  }
}

result<tuner::study> study_in(store::study_store& file, const tuner::study_settings& how,
                              const store::tuner_mark& own) {
  auto rows = file.trials(how.name, how.over);
  if (!rows) return std::move(rows).error();
  std::map<tuner::trial_number, std::uint64_t> left_jobs;
  auto elsewhere = leave_to_others(file, how.name, own, *rows, left_jobs);
  if (!elsewhere) return std::move(elsewhere).error();
  return tuner::study::resume(how, std::move(*rows), *elsewhere);
}

fault no_point(const tuner::study& core) {
  const auto open = core.count().awaited;
  if (open > 0)
    return {fault_code::busy,
            "no point of study '" + core.how().name + "' is free: the last " +
                std::to_string(open) + " are being evaluated",
            "ask again later: one that is given up is free again"};
  return {fault_code::exhausted, "all points of study '" + core.how().name + "' are done", ""};
}

/// What keeps this trial from being told; `study` as at a command line. Faults: not_found,
/// stale_attempt, forbidden.
result<void> check_told(const store::held_trial& trial, std::optional<std::uint32_t> attempt,
                        const std::string& study) {
  const auto& row = trial.row;
  if (attempt && (*attempt > row.attempt || *attempt == 0))
    return fault{fault_code::not_found,
                 "attempt " + std::to_string(*attempt) + " of " + named(row.number) +
                     " was never given out: the latest is " + std::to_string(row.attempt),
                 "tell the one that `fabricd study ask` printed"};
  if (!row.is_open())
    return fault{fault_code::stale_attempt,
                 named(row.number) + " is over: it is " + std::string{name_of(row.state)},
                 "a trial is told once"};
  if (attempt && *attempt != row.attempt)
    return fault{fault_code::stale_attempt,
                 named(row.number) + " is at attempt " + std::to_string(row.attempt) + ", not " +
                     std::to_string(*attempt),
                 "its lease was over, and somebody else has the point now"};
  if (row.state == trial_state::waiting || !trial.by)
    return fault{fault_code::forbidden, named(row.number) + " was not given out by `study ask`",
                 "`fabricd study ask " + study + "` gives points out"};
  const auto& who = trial.by->who;
  if (store::is_server(who))
    return fault{fault_code::forbidden,
                 named(row.number) + " is with a worker of `fabricd study serve` (process id " +
                     std::to_string(who.pid) + ")",
                 "its worker alone records it"};
  if (who.place != store::asked_place)
    return fault{fault_code::forbidden,
                 named(row.number) + " is being evaluated by the tuner with process id " +
                     std::to_string(who.pid),
                 "it alone records it"};
  return {};
}

/// The trial as it is told of; those of Optuna too, which may lack parameters yet. Faults:
/// not_found, the store's.
result<store::held_trial> trial_to_tell(store::study_store& file, const tuner::study_settings& how,
                                        tuner::trial_number number) {
  const std::vector<tuner::trial_number> numbers = {number};
  auto found = file.look_up(how.name, how.over, numbers);
  if (!found) return std::move(found).error();
  if (!found->empty()) return std::move(found->front());
  auto rows = file.trials(how.name, how.over);
  if (!rows) return std::move(rows).error();
  const auto row = std::ranges::find(*rows, number, &tuner::trial::number);
  const auto words = file.words_for(how.name);
  if (row == rows->end())
    return fault{fault_code::not_found, "the study '" + how.name + "' has no " + named(number),
                 "`fabricd study trials " + words + "` lists them"};
  auto holders = file.holders(how.name);
  if (!holders) return std::move(holders).error();
  const auto by = holders->find(number);
  if (by == holders->end() && row->state == trial_state::running)
    return fault{
        fault_code::forbidden,
        named(number) + " is " + std::string{name_of(row->state)} + " in a program of Optuna's own",
        "that program alone records it"};
  return store::held_trial{std::move(*row),
                           by == holders->end() ? std::nullopt : std::optional(by->second)};
}

}  // namespace

result<asked_point> ask_point(store::study_store& file, const tuner::study_settings& how,
                              std::int64_t lease_ms) {
  auto own = own_mark();
  if (!own) return std::move(own).error();
  const auto self = asking_mark(wall_ms() + lease_ms);
  auto core = study_in(file, how, *own);
  if (!core) return std::move(core).error();
  if (auto entered = enter_study(file, how.name, self, *own); !entered)
    return std::move(entered).error();
  auto point = next_point(file, *core);
  if (point && *point) {
    (*point)->until_ms = self.started;
    return **std::move(point);
  }
  auto why = point ? no_point(*core) : std::move(point).error();
  if (auto left = file.leave(); !left && point) return std::move(left).error();
  return why;
}

result<void> tell_point(store::study_store& file, const tuner::study_settings& how,
                        tuner::trial_number number, std::optional<std::uint32_t> attempt,
                        const told_result& what) {
  auto found = trial_to_tell(file, how, number);
  if (!found) return std::move(found).error();
  const auto& trial = *found;
  if (auto fine = check_told(trial, attempt, file.words_for(how.name)); !fine) return fine;
  auto row = trial.row;
  row.state = what.state;
  row.values = what.values;
  row.constraints = what.constraints;
  row.complete_ms = wall_ms();
  using nlohmann::json;
  constexpr auto any = json::error_handler_t::replace;
  if (what.state == trial_state::fail)
    row.user_attrs["error"] = json(what.error).dump(-1, ' ', false, any);
  else
    row.user_attrs["HOST"] = json{{"host", host_name()}}.dump(-1, ' ', false, any);
  const std::vector<store::study_store::change> change = {{std::move(row), false, false}};
  auto stored = file.apply(how.name, how.over, change);
  if (!stored) return std::move(stored).error();
  if (stored->outcomes.front() == store::study_store::outcome::conflict)
    return fault{fault_code::stale_attempt, named(number) + " was ended or given away just now",
                 "`fabricd study trials " + file.words_for(how.name) + "` shows how it stands"};
  // Nothing else is the asker's.
  if (auto entered = file.enter(how.name, trial.by->who); !entered) return entered;
  return file.leave();
}

fault taken_by(const tuner::trial& owner, const std::string& remedy) {
  return {fault_code::duplicate_params,
          named(owner.number) + " has this point: it is " + std::string{name_of(owner.state)},
          remedy};
}

namespace {

fault taken_in(const store::study_store& file, const std::string& study,
               const tuner::trial& owner) {
  const auto words = file.words_for(study);
  if (owner.state != trial_state::fail)
    return taken_by(owner, "`fabricd study trials " + words + "` shows it");
  return taken_by(owner, "`fabricd study retry " + words + " " + std::to_string(owner.number) +
                             "` has it evaluated again");
}

}  // namespace

namespace {

/// A trial that is nobody's yet, at this point. Faults: duplicate_params, the store's.
result<tuner::trial_number> put_first(store::study_store& file, const tuner::study_settings& how,
                                      const tuner::point& where,
                                      std::optional<tuner::trial_number> retries) {
  tuner::trial row;
  row.state = trial_state::waiting;
  row.where = where;
  row.key = tuner::canonical_key(how.over, where);
  row.attempt = 0;
  if (retries) row.user_attrs[std::string(tuner::retry_of)] = std::to_string(*retries);
  const bool is_unique = how.repeats != tuner::duplicates::allow;
  const std::vector<store::study_store::change> change = {{row, true, is_unique, retries}};
  auto stored = file.apply(how.name, how.over, change);
  if (!stored) return std::move(stored).error();
  if (stored->outcomes.front() == store::study_store::outcome::stored)
    return stored->numbers.front();
  auto owner = file.owner(how.name, how.over, row.key);
  if (!owner) return std::move(owner).error();
  if (*owner) return taken_in(file, how.name, **owner);
  return fault{fault_code::duplicate_params, "another trial has this point", ""};
}

}  // namespace

result<tuner::trial_number> enqueue_point(store::study_store& file,
                                          const tuner::study_settings& how,
                                          const tuner::point& where) {
  return put_first(file, how, where, std::nullopt);
}

result<tuner::trial_number> retry_trial(store::study_store& file, const tuner::study_settings& how,
                                        tuner::trial_number failed) {
  // Optuna's trials are known by their numbers once they are adopted.
  if (auto adopted = file.apply(how.name, how.over, {}); !adopted)
    return std::move(adopted).error();
  const std::vector<tuner::trial_number> numbers = {failed};
  auto found = file.look_up(how.name, how.over, numbers);
  if (!found) return std::move(found).error();
  if (found->empty())
    return fault{
        fault_code::not_found,
        "the study '" + how.name + "' has no " + named(failed) + " at a point of its space",
        "`fabricd study trials " + file.words_for(how.name) + "` lists them"};
  const auto& row = found->front().row;
  if (row.state != trial_state::fail)
    return fault{fault_code::usage,
                 named(failed) + " has not failed: it is " + std::string{name_of(row.state)},
                 "only FAIL trials are tried again"};
  if (row.where.empty())
    return fault{fault_code::usage, named(failed) + " is no point of the study's space", ""};
  return put_first(file, how, row.where, failed);
}

}  // namespace fabric::actors

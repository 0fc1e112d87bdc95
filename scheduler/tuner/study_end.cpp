#include <algorithm>
#include <cmath>

#include "scheduler/mutant.hpp"
#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/study_book.hpp"
#include "scheduler/tuner/value_count.hpp"

/// Ending trials: results and losses.
namespace fabric::tuner {

namespace {

/// Empty where all are finite.
std::string not_finite(const std::vector<double>& numbers, const std::string& what) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (std::isfinite(numbers[i])) continue;
    const auto which = numbers.size() == 1 ? "the " + what : what + ' ' + std::to_string(i + 1);
    return which + " is " + (std::isnan(numbers[i]) ? "nan" : "infinite");
  }
  return {};
}

/// Why the trial fails; empty where it does not.
std::string failure_of(const study_event::told& e, std::size_t objectives) {
  if (!e.error.empty()) return e.error;
  const auto given = e.values.size();
  if (given == 0) return "the evaluation ended without a value";
  if (given != objectives) return miscount(given, objectives);
  const auto wrong = not_finite(e.values, "value");
  return wrong.empty() ? not_finite(e.constraints, "constraint") : wrong;
}

/// What the trial found, or reported last where it was pruned.
void note_found(trial& row, const ending& how_ended) {
  row.values = how_ended.found.values;
  row.constraints = how_ended.found.constraints;
  if (row.state == trial_state::pruned && how_ended.last_value)
    row.values = {*how_ended.last_value};
}

}  // namespace

/// What a tell amounts to: COMPLETE only with finite values and no error.
ending study::book::ending_of(const study_event::told& e) const {
  ending how_ended{.error = failure_of(e, how.directions.size()),
                   .node = e.node,
                   .host = e.host,
                   .start_ms = e.start_ms,
                   .complete_ms = e.complete_ms == 0 ? now_ms : e.complete_ms};
  if (how_ended.error.empty())
    how_ended.found = {e.values, e.constraints};
  else
    how_ended.state = trial_state::fail;
  return how_ended;
}

trial study::book::row_of(trial_number n, const open_trial& t) const {
  trial row;
  row.number = n;
  row.where = t.where;
  row.key = canonical_key(how.over, t.where);
  row.attempt = t.attempt;
  row.start_ms = t.start_ms;
  row.user_attrs = t.user_attrs;
  return row;
}

void study::book::on(const study_event::told& e) {
  const auto found = open.find(e.number);
  if (found == open.end()) {
    const bool is_over = numbers.is_known(e.number);
    return refuse(e.number, e.attempt,
                  is_over ? named(e.number) + " is over" : "there is no " + named(e.number));
  }
  const auto& t = found->second;
  if (t.at == open_trial::place::waiting)
    return refuse(e.number, e.attempt, named(e.number) + " is answered from " + named(t.twin));
  if (e.attempt < t.attempt && !mutant::is_on("late_tell_accepted"))
    return refuse(
        e.number, e.attempt,
        "attempt " + std::to_string(t.attempt) + " of " + named(e.number) + " has the point now");
  if (e.attempt > t.attempt || e.attempt == 0)
    return refuse(e.number, e.attempt,
                  "attempt " + std::to_string(e.attempt) + " of " + named(e.number) +
                      " was never handed out");
  finish(e.number, ending_of(e));
}

void study::book::on(const study_event::vanished& e) {
  const auto found = open.find(e.number);
  if (found == open.end()) return;
  auto& t = found->second;
  if (t.at != open_trial::place::handed_out || t.attempt != e.attempt) return;
  if (t.is_told_to_stop) {
    ending gone;
    gone.complete_ms = now_ms;
    return finish(e.number, gone);
  }
  if (++t.vanished >= how.attempts_max) {
    ending lost;
    lost.state = trial_state::fail;
    lost.error = "lost " + std::to_string(t.vanished) + " times";
    lost.complete_ms = now_ms;
    return finish(e.number, lost);
  }
  if (!is_stopping) return lease_again(e.number, t);
  t.at = open_trial::place::held;
  --counts.leased;
}

void study::book::finish(trial_number n, ending how_ended) {
  auto t = std::move(open.extract(n).mapped());
  pruned_by(t, how_ended);
  if (t.at == open_trial::place::handed_out) --counts.leased;
  points.release(t.where, how_ended.found);
  const auto* reports = t.reports ? &*t.reports : nullptr;
  ended_before_judge(n, reports, how_ended.state, how_ended.found);
  chooser->ended(t.age, t.where, outcome_of(how_ended.state, how_ended.found, reports));
  auto row = row_of(n, t);
  row.state = how_ended.state;
  note_found(row, how_ended);
  row.node = how_ended.node;
  row.reports = reports_of(t);
  row.complete_ms = how_ended.complete_ms;
  if (how_ended.start_ms != 0) row.start_ms = how_ended.start_ms;
  if (!how_ended.host.empty())
    row.user_attrs["HOST"] = "{\"host\": " + json_quoted(how_ended.host) + '}';
  if (row.state == trial_state::complete) {
    ++counts.complete;
  } else if (row.state == trial_state::pruned) {
    ++counts.pruned;
  } else {
    ++counts.failed;
    row.user_attrs["error"] = json_quoted(how_ended.error);
  }
  note_evaluation(row);
  commands.emplace_back(study_command::persist{row, false, how.repeats != duplicates::allow});
  commands.emplace_back(study_command::finished{std::move(row)});
  answer_waiters(n, n, how_ended);
}

/// Ends the trials that wait for `twin` as it ended. `owner` is whom they name: another tuner's
/// trial where that has the point.
void study::book::answer_waiters(trial_number twin, trial_number owner, const ending& how_ended) {
  const auto waiting = waiters.extract(twin);
  if (waiting.empty()) return;
  for (const auto n : waiting.mapped()) {
    auto t = std::move(open.extract(n).mapped());
    --counts.waiting;
    t.twin = owner;
    answer(n, t, how_ended, storing::update);
  }
}

void study::book::answer(trial_number n, const open_trial& t, const ending& how_ended, storing by) {
  auto row = row_of(n, t);
  const bool is_pruned = how_ended.state == trial_state::pruned;
  const bool has_value = !how_ended.found.values.empty();
  row.state = is_pruned   ? trial_state::pruned
              : has_value ? trial_state::complete
                          : trial_state::fail;
  note_found(row, how_ended);
  row.complete_ms = now_ms;
  row.user_attrs["duplicate_of"] = std::to_string(t.twin);
  if (is_pruned) {
    ++counts.pruned;
  } else if (has_value) {
    ++counts.cached;
  } else {
    ++counts.failed;
    row.user_attrs["error"] =
        json_quoted(named(t.twin) + " had the same point: " + how_ended.error);
  }
  commands.emplace_back(study_command::persist{row, by == storing::insert, false});
  commands.emplace_back(study_command::finished{std::move(row)});
}

bool study::book::is_good_enough() const {
  const auto* found = best.one();
  return found != nullptr && how.until && loss_of(found->values.front()) <= loss_of(*how.until);
}

/// Counts an evaluation that has ended, ours or another tuner's.
void study::book::note_evaluation(const trial& row) {
  using reason = study_command::done::reason;
  const bool is_best = best.add(row);
  since_best = is_best ? 0 : since_best + 1;
  if (is_best && is_good_enough()) wind_up(reason::value_reached);
  if (how.patience && since_best >= *how.patience) wind_up(reason::no_improvement);
}

void study::book::wind_up(study_command::done::reason because) {
  if (std::exchange(is_stopping, true)) return;
  stops_because = because;
  commands.emplace_back(study_command::winding_up{});
}

void study::book::refuse(trial_number n, std::uint32_t attempt, std::string why) {
  ++counts.refused;
  commands.emplace_back(study_command::refused{n, attempt, std::move(why)});
}

finding study::book::finding_of(const trial& row) const {
  const bool has_values =
      row.state == trial_state::complete && row.values.size() == how.directions.size();
  return {has_values ? row.values : std::vector<double>{}, row.constraints};
}

outcome study::book::outcome_of(trial_state state, const finding& found,
                                const history* reports) const {
  outcome how_ended{state};
  if (state == trial_state::complete && found.values.empty()) how_ended.state = trial_state::fail;
  how_ended.losses = losses_of(found.values, how.directions);
  how_ended.violation = violation_of(found.constraints);
  how_ended.constraints = found.constraints;
  if (reports != nullptr && !reports->empty())
    how_ended.last_report = {reports->last().step, reports->last().loss};
  return how_ended;
}

}  // namespace fabric::tuner

#include <cmath>

#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/study_book.hpp"

/// What trials report while they run, and what a pruner says of it.
namespace fabric::tuner {

std::optional<fault> study::book::wrong_with(const study_event::reported& e) const {
  const auto found = open.find(e.number);
  const bool is_here = found != open.end() && found->second.at == open_trial::place::handed_out &&
                       found->second.attempt == e.attempt;
  if (!is_here)
    return fault{fault_code::stale_attempt, named(e.number) + " is not being evaluated any more",
                 "its point is done, or another attempt has it"};
  if (how.directions.size() > 1)
    return fault{fault_code::usage,
                 named(e.number) + " has " + std::to_string(how.directions.size()) +
                     " objectives, and reports are of one",
                 "report nothing: the values at its end are what counts"};
  if (std::isnan(e.what.value))
    return fault{fault_code::usage, "the value of step " + std::to_string(e.what.step) + " is NaN",
                 "report a number, or end the trial"};
  if (e.what.step < 0 || e.what.step > step_max)
    return fault{fault_code::usage, "step " + std::to_string(e.what.step) + " is out of range",
                 "steps go from 0 to " + std::to_string(step_max)};
  const auto& t = found->second;
  if (!t.reports || t.run != e.run) return std::nullopt;
  const auto* known = t.reports->find(e.what.step);
  if (known != nullptr && known->loss != loss_of(e.what.value))
    return fault{fault_code::key_conflict,
                 "step " + std::to_string(e.what.step) + " of " + named(e.number) +
                     " has the value " + json_float(loss_of(known->loss)) + " already",
                 "report each step once"};
  if (known == nullptr && t.reports->entries().size() >= reports_max)
    return fault{fault_code::too_large,
                 named(e.number) + " has " + std::to_string(reports_max) + " reports already",
                 "report less often"};
  return std::nullopt;
}

void study::book::on(const study_event::reported& e) {
  if (auto wrong = wrong_with(e)) {
    commands.emplace_back(study_command::answered{e.ticket, *std::move(wrong)});
    return;
  }
  auto& t = open.at(e.number);
  const bool is_new_run = t.run != e.run;
  const bool is_known = !is_new_run && t.reports && t.reports->find(e.what.step) != nullptr;
  // A run that follows one which was told to stop has nothing to add.
  if (!is_known && !(is_new_run && t.is_told_to_stop)) add_report(e.number, t, e);
  commands.emplace_back(
      study_command::answered{e.ticket, t.is_told_to_stop ? verdict::stop : verdict::go_on});
}

void study::book::add_report(trial_number n, open_trial& t, const study_event::reported& e) {
  const bool is_first_of_run = t.run != e.run;
  if (!t.reports) t.reports.emplace(n);
  if (is_first_of_run) t.reports->forget_from(e.what.step);
  t.run = e.run;
  t.reports->add(e.what.step, loss_of(e.what.value));
  if (judge && !t.is_told_to_stop) t.is_told_to_stop = judge->judge(*t.reports) == verdict::stop;
  commands.emplace_back(study_command::persist_report{n, canonical_key(how.over, t.where),
                                                      t.attempt, e.what, t.run, is_first_of_run,
                                                      t.is_told_to_stop});
}

/// A trial that was told to stop ends as PRUNED, however it ended.
void study::book::pruned_by(open_trial& t, ending& how_ended) const {
  if (!t.is_told_to_stop) return;
  how_ended.state = trial_state::pruned;
  how_ended.found = {};
  how_ended.error.clear();
  if (t.reports && !t.reports->empty() && !std::isnan(t.reports->last().loss))
    how_ended.last_value = loss_of(t.reports->last().loss);
}

std::vector<trial_report> study::book::reports_of(const open_trial& t) const {
  std::vector<trial_report> all;
  if (!t.reports) return all;
  for (const auto& entry : t.reports->entries()) all.push_back({entry.step, loss_of(entry.loss)});
  return all;
}

/// A stored trial's reports once more, so that the pruner stands where it stood.
void study::book::judge_again(const trial& row, history& reports) {
  bool goes_on = true;
  for (const auto& each : row.reports) {
    reports.add(each.step, loss_of(each.value));
    if (judge && goes_on) goes_on = judge->judge(reports) == verdict::go_on;
  }
}

void study::book::ended_before_judge(trial_number n, const history* reports, trial_state state,
                                     const finding& found) {
  if (!judge) return;
  std::optional<double> loss;
  if (!found.values.empty()) loss = loss_of(found.values.front());
  judge->ended(reports == nullptr ? history{n} : *reports, state, loss);
}

void study::book::judge_elsewhere(const trial& theirs) {
  if (!judge || theirs.user_attrs.contains("duplicate_of")) return;
  history reports{theirs.number};
  judge_again(theirs, reports);
  ended_before_judge(theirs.number, &reports, theirs.state, finding_of(theirs));
}

}  // namespace fabric::tuner

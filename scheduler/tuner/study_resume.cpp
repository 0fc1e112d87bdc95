#include <algorithm>
#include <limits>

#include "scheduler/tuner/retried.hpp"
#include "scheduler/tuner/study_book.hpp"

/// Going on from stored rows.
namespace fabric::tuner {

namespace {

bool has(const trial& row, std::string_view attribute) {
  return row.user_attrs.contains(std::string(attribute));
}

bool repeats_another(const trial& row) { return row.user_attrs.contains("duplicate_of"); }

fault bad_row(const trial& row, const std::string& what) {
  return {fault_code::usage, "trial " + std::to_string(row.number) + " " + what,
          "resume with the space that the study was made with, or use another study name"};
}

}  // namespace

result<void> study::book::adopt(std::vector<trial> rows, const std::vector<trial>& elsewhere) {
  std::erase_if(rows, [](const trial& row) { return row.where.empty(); });
  if (!std::ranges::is_sorted(rows, {}, &trial::number))
    std::ranges::sort(rows, {}, &trial::number);
  for (const auto& row : rows) {
    if (row.number == std::numeric_limits<trial_number>::max())
      return bad_row(row, "has no possible number");
    if (!how.over.contains(row.where)) return bad_row(row, "does not lie in the space");
  }
  const auto twice = std::ranges::adjacent_find(rows, {}, &trial::number);
  if (twice != rows.end()) return bad_row(*twice, "occurs twice");
  // Finished rows first: an open row may repeat the point of a finished one with a higher number.
  for (const auto& row : rows)
    if (!row.is_open()) adopt_finished(row);
  // Then those that own their points, before those that wait for them.
  for (const bool waits : {false, true}) {
    for (const auto& row : elsewhere)
      if (repeats_another(row) == waits) note_elsewhere(row);
    for (auto& row : rows)
      if (row.is_open() && repeats_another(row) == waits) adopt_open(std::move(row));
  }
  return {};
}

void study::book::adopt_finished(const trial& row) {
  const auto found = finding_of(row);
  if (!has(row, retried_as) && !row.gave_back) points.settle(row.where, row.number, found);
  history reports{row.number};
  judge_again(row, reports);
  if (!repeats_another(row)) ended_before_judge(row.number, &reports, row.state, found);
  chooser->ended(ages++, row.where, outcome_of(row.state, found, &reports));
  if (row.state == trial_state::fail) ++counts.failed;
  if (row.state == trial_state::pruned) ++counts.pruned;
  if (row.state != trial_state::complete) return;
  ++(row.user_attrs.contains("duplicate_of") ? counts.cached : counts.complete);
  best.add(row);
}

/// Commands of it leave with the first step.
void study::book::adopt_open(trial row) {
  const auto n = row.number;
  const bool was_waiting = row.state == trial_state::waiting;
  const bool is_retry = has(row, retry_of);
  open_trial t{std::move(row.where)};
  t.attempt = was_waiting ? 0 : row.attempt;
  t.is_resumed = true;
  t.start_ms = row.start_ms;
  t.user_attrs = std::move(row.user_attrs);
  t.run = std::move(row.run);
  t.is_told_to_stop = row.is_told_to_stop;
  if (!row.reports.empty()) judge_again(row, t.reports.emplace(n));
  const auto* known = how.repeats == duplicates::allow ? nullptr : points.find(t.where);
  // One that failed, and gave the point back to this one.
  const bool is_given_back = known && known->leases == 0 && !known->has_value() && is_retry &&
                             !awaited.contains(known->owner);
  if (is_given_back) points.overrule(t.where, n, {});
  if (!known || is_given_back) {
    t.age = ages++;
    chooser->started(t.age, t.where);
    const bool is_over = t.is_told_to_stop;
    hold(n, std::move(t));
    if (is_over) finish(n, {.complete_ms = now_ms});
    return;
  }
  t.at = open_trial::place::waiting;
  t.twin = known->owner;
  t.user_attrs["duplicate_of"] = std::to_string(t.twin);
  if (known->leases > 0 || awaited.contains(known->owner)) return wait_for_twin(n, std::move(t));
  ending from_twin;
  from_twin.found = points.found(*known);
  from_twin.error = "it ended without a value";
  answer(n, t, from_twin, storing::update);
}

/// The trial is ours and its point leased; it is handed out before anything new.
void study::book::hold(trial_number n, open_trial t) {
  t.is_resumed = true;
  points.lease(t.where, n);
  held.push_back(n);
  open.emplace(n, std::move(t));
}

}  // namespace fabric::tuner

#include <algorithm>

#include "scheduler/tuner/retried.hpp"
#include "scheduler/tuner/study_book.hpp"

/// Handing points out: resumed ones first, then those that lost workers gave back, then new ones of
/// the sampler, up to `parallel`.
namespace fabric::tuner {

void study::book::hand_out(std::uint32_t most) {
  for (; most > 0 && !is_stopping && counts.leased < how.parallel; --most)
    if (!hand_out_held() && !propose()) return;
}

void study::book::on(const study_event::limited& e) {
  how.trials_max = e.more ? std::optional{proposals + *e.more} : std::nullopt;
  is_concluded = false;
}

bool study::book::may_propose() const {
  if (how.trials_max && proposals >= *how.trials_max) return false;
  if (has_given_back()) return true;
  if (is_dry) return false;
  return how.repeats == duplicates::allow || points.free() != 0;
}

bool study::book::hand_out_held() {
  while (!held.empty()) {
    const auto n = held.front();
    held.pop_front();
    // A late result may have ended it while it was held.
    const auto found = open.find(n);
    if (found == open.end()) continue;
    lease_again(n, found->second);
    return true;
  }
  return false;
}

/// Others may have taken them up meanwhile.
bool study::book::has_given_back() const {
  return std::ranges::any_of(given_back, [this](const point& p) { return points.is_free(p); });
}

std::optional<point> study::book::take_given_back() {
  while (!given_back.empty()) {
    auto where = std::move(given_back.front());
    given_back.pop_front();
    if (points.is_free(where)) return where;
  }
  return std::nullopt;
}

/// Makes proposals until one is to be evaluated. False where there is no more to propose.
bool study::book::propose() {
  for (int repeats = 0; may_propose(); ++repeats) {
    if (auto again = take_given_back()) {
      lease_new(*std::move(again));
      return true;
    }
    const bool only_free = how.repeats == duplicates::never ||
                           (how.repeats == duplicates::cached && repeats >= repeats_in_a_row_max);
    auto where = chooser->propose(points, only_free ? freedom::only_free : freedom::any);
    if (!where) {
      is_dry = true;
      return false;
    }
    const auto* known = how.repeats == duplicates::cached ? points.find(*where) : nullptr;
    if (!known) {
      lease_new(*std::move(where));
      return true;
    }
    // A trial without a value answers nothing, so its point is no proposal.
    if (known->has_value() || known->leases > 0)
      answer_repeat(*std::move(where), known->owner, points.found(*known));
  }
  return false;
}

void study::book::lease_new(point where) {
  const auto n = numbers.take();
  ++proposals;
  ++counts.leased;
  points.lease(where, n);
  open_trial t{std::move(where), open_trial::place::handed_out, 1};
  t.age = ages++;
  t.start_ms = now_ms;
  chooser->started(t.age, t.where);
  auto row = row_of(n, t);
  commands.emplace_back(
      study_command::persist{std::move(row), true, how.repeats != duplicates::allow});
  commands.emplace_back(study_command::evaluate{n, t.attempt, t.where});
  open.emplace(n, std::move(t));
}

/// A proposal of a point that was given out before: answered now, or when its twin is over.
void study::book::answer_repeat(point where, trial_number twin, finding of_twin) {
  const auto n = numbers.take();
  ++proposals;
  open_trial t{std::move(where), open_trial::place::waiting, 1};
  t.start_ms = now_ms;
  t.twin = twin;
  t.user_attrs["duplicate_of"] = std::to_string(twin);
  if (!of_twin.values.empty()) return answer(n, t, {.found = std::move(of_twin)}, storing::insert);
  commands.emplace_back(study_command::persist{row_of(n, t), true, false});
  wait_for_twin(n, std::move(t));
}

void study::book::wait_for_twin(trial_number n, open_trial t) {
  ++counts.waiting;
  waiters[t.twin].push_back(n);
  open.emplace(n, std::move(t));
}

void study::book::lease_again(trial_number n, open_trial& t) {
  if (t.at != open_trial::place::handed_out) ++counts.leased;
  if (t.attempt > 0) ++counts.released;
  t.at = open_trial::place::handed_out;
  ++t.attempt;
  t.start_ms = now_ms;
  commands.emplace_back(
      study_command::persist{row_of(n, t), false, how.repeats != duplicates::allow});
  const bool is_again = t.attempt > 1 || t.user_attrs.contains(std::string(retry_of));
  commands.emplace_back(study_command::evaluate{n, t.attempt, t.where, is_again});
}

void study::book::conclude() {
  using reason = study_command::done::reason;
  if (is_concluded || counts.leased > 0) return;
  if (!is_stopping && (!open.empty() || may_propose())) return;
  const bool enough = how.trials_max && proposals >= *how.trials_max;
  // Another tuner may die with its points in hand; then they are ours.
  if (!is_stopping && !enough && !awaited.empty()) return;
  is_concluded = true;
  const bool none_free = is_dry || (how.repeats != duplicates::allow && points.free() == 0);
  const bool all_ended = open.empty() && awaited.empty();
  const auto otherwise = is_stopping ? stops_because : reason::trials_reached;
  const bool is_goal = is_stopping && stops_because != reason::stopped;
  commands.emplace_back(
      study_command::done{none_free && all_ended && !is_goal ? reason::exhausted : otherwise});
}

}  // namespace fabric::tuner

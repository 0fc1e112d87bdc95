#include <limits>

#include "scheduler/tuner/study_book.hpp"

/// Other tuners of the same study: points that they have, trials that they end or leave behind.
namespace fabric::tuner {

/// What a trial of another tuner says of its point; nothing of it is known: so does that.
ending study::book::ending_of(const std::optional<trial>& theirs) const {
  ending ended{.complete_ms = now_ms};
  if (theirs) ended.found = finding_of(*theirs);
  const bool has_value = !ended.found.values.empty();
  const bool is_pruned = theirs && theirs->state == trial_state::pruned;
  ended.state = has_value   ? trial_state::complete
                : is_pruned ? trial_state::pruned
                            : trial_state::fail;
  if (is_pruned) ended.last_value = theirs->value();
  if (!has_value && !is_pruned) ended.error = "another tuner has the point and no value for it";
  return ended;
}

/// Lost proposals are set aside under numbers that no store has, so that the trials which have
/// theirs by now can be given them.
void study::book::on(const study_event::rows_answered& e) {
  moves aside;
  std::vector<const study_event::taken_elsewhere*> lost;
  for (const auto& each : e.taken) {
    const auto found = open.find(each.number);
    if (found == open.end() || found->second.at != open_trial::place::handed_out) {
      refuse(each.number, 0,
             "trial " + std::to_string(each.number) + " is not being evaluated here");
      continue;
    }
    if (found->second.attempt == 1 && !found->second.is_resumed) {
      numbers.give_back(each.number);
      --proposals;
    }
    aside.emplace(each.number, std::numeric_limits<trial_number>::max() - lost.size());
    lost.push_back(&each);
  }
  rename(aside);
  rename({e.numbers.moves.begin(), e.numbers.moves.end()});
  for (const auto& [ours, stored] : e.numbers.moves) {
    numbers.skip(ours);
    numbers.skip(stored);
  }
  // All of them before anything is proposed, so that a number of ours never is one of theirs.
  for (const auto* each : lost)
    if (each->theirs) numbers.skip(each->theirs->number);
  for (const auto* each : lost) lose(aside.at(each->number), *each);
  for (const auto& theirs : e.unrecorded) note_elsewhere(theirs);
  if (!e.unrecorded.empty()) is_concluded = false;
  if (!e.taken.empty()) hand_out();
}

/// All at once: a number may be left by one trial and taken by another.
void study::book::rename(const moves& by) {
  std::map<trial_number, open_trial> moved;
  for (const auto& [from, to] : by) {
    auto node = open.extract(from);
    if (node.empty()) continue;  // a cached answer, which is over already
    if (node.mapped().at != open_trial::place::waiting)
      points.rename(node.mapped().where, from, to);
    moved.emplace(to, std::move(node.mapped()));
  }
  open.merge(moved);
  if (counts.waiting == 0 || by.empty()) return;
  waiters.clear();
  for (auto& [n, t] : open) {
    if (t.at != open_trial::place::waiting) continue;
    if (const auto found = by.find(t.twin); found != by.end()) t.twin = found->second;
    t.user_attrs["duplicate_of"] = std::to_string(t.twin);
    waiters[t.twin].push_back(n);
  }
}

/// Our lease of a point is void, because the store says that another trial has the point. `n` is
/// the number under which our trial was set aside.
void study::book::lose(trial_number n, const study_event::taken_elsewhere& e) {
  auto t = std::move(open.extract(n).mapped());
  --counts.leased;
  const bool is_new = t.attempt == 1 && !t.is_resumed;
  const auto theirs = ending_of(e.theirs);
  points.release(t.where, {});
  chooser->ended(t.age, t.where, outcome_of(theirs.state, theirs.found));
  if (!e.theirs) {
    points.settle(t.where, n, {});
    return answer_waiters(n, n, theirs);
  }
  const auto owner = e.theirs->number;
  pass_waiters_on(n, owner);
  note_elsewhere(*e.theirs);
  if (!is_new && owner != e.number) return repeat(e.number, std::move(t), *e.theirs);
  if (is_new && how.repeats == duplicates::cached && !theirs.found.values.empty())
    answer_repeat(t.where, owner, theirs.found);
}

/// A stored trial of ours turns out to repeat the point of `twin`, and ends as that does.
void study::book::repeat(trial_number n, open_trial t, const trial& twin) {
  t.at = open_trial::place::waiting;
  t.twin = twin.number;
  t.user_attrs["duplicate_of"] = std::to_string(t.twin);
  if (twin.is_open()) return wait_for_twin(n, std::move(t));
  answer(n, t, ending_of(twin), storing::update);
}

void study::book::on(const study_event::seen_elsewhere& e) { note_elsewhere(e.theirs); }

void study::book::on(const study_event::abandoned_elsewhere& e) {
  const auto n = e.theirs.number;
  if (open.contains(n) || !how.over.contains(e.theirs.where)) return;
  numbers.skip(n);
  const auto known = awaited.extract(n);
  const auto* entry = points.find(e.theirs.where);
  // Enqueued while a proposal of ours for its point is on its way to the store, which will refuse
  // that and so bring this one back.
  const bool is_disputed = how.repeats != duplicates::allow && known.empty() && entry &&
                           entry->leases > 0 && !e.theirs.user_attrs.contains("duplicate_of");
  if (is_disputed) return;
  // One that waited for its twin goes on waiting, or is answered.
  if (known.empty() || entry->owner != n) return adopt_open(e.theirs);
  open_trial t{known.mapped().where};
  t.attempt = e.theirs.state == trial_state::waiting ? 0 : e.theirs.attempt;
  t.age = known.mapped().age;
  t.start_ms = e.theirs.start_ms;
  t.user_attrs = e.theirs.user_attrs;
  t.run = e.theirs.run;
  t.is_told_to_stop = e.theirs.is_told_to_stop;
  if (!e.theirs.reports.empty()) judge_again(e.theirs, t.reports.emplace(n));
  const bool is_over = t.is_told_to_stop;
  hold(n, std::move(t));
  if (is_over) finish(n, {.complete_ms = now_ms});
}

void study::book::note_elsewhere(const trial& theirs) {
  // What is open here was not yet found to be another's.
  if (!how.over.contains(theirs.where) || open.contains(theirs.number)) return;
  numbers.skip(theirs.number);
  if (theirs.is_open()) return await(theirs);
  theirs.gave_back ? note_given_back(theirs) : note_end_elsewhere(theirs);
}

/// One that waits for its twin, or was answered from it, says nothing where the twin is known.
bool study::book::speaks_for_its_point(const trial& theirs) const {
  return !theirs.user_attrs.contains("duplicate_of") || points.is_free(theirs.where);
}

void study::book::await(const trial& theirs) {
  const auto [at, is_new] = awaited.try_emplace(theirs.number);
  if (!is_new) return;
  at->second = {theirs.where, ages++};
  if (speaks_for_its_point(theirs)) points.overrule(theirs.where, theirs.number, {});
  chooser->started(at->second.age, theirs.where);
}

void study::book::note_end_elsewhere(const trial& theirs) {
  const auto ended = ending_of(theirs);
  if (speaks_for_its_point(theirs)) points.overrule(theirs.where, theirs.number, ended.found);
  if (const auto known = awaited.extract(theirs.number))
    chooser->ended(known.mapped().age, theirs.where, outcome_of(ended.state, ended.found));
  judge_elsewhere(theirs);
  ++counts.by_others;
  note_evaluation(theirs);
  answer_waiters(theirs.number, theirs.number, ended);
}

/// Its evaluation told nothing, and nobody goes on with it.
void study::book::note_given_back(const trial& theirs) {
  const auto ended = ending_of(theirs);
  if (const auto known = awaited.extract(theirs.number)) {
    chooser->ended(known.mapped().age, theirs.where, outcome_of(ended.state, ended.found));
    if (points.forget(theirs.where, theirs.number)) given_back.push_back(theirs.where);
  }
  answer_waiters(theirs.number, theirs.number, ended);
}

/// Those that wait for our trial of a point wait for the one that has it.
void study::book::pass_waiters_on(trial_number from, trial_number to) {
  auto waiting = waiters.extract(from);
  if (waiting.empty()) return;
  for (const auto n : waiting.mapped()) {
    auto& t = open.at(n);
    t.twin = to;
    t.user_attrs["duplicate_of"] = std::to_string(to);
  }
  auto& list = waiters[to];
  list.insert(list.end(), waiting.mapped().begin(), waiting.mapped().end());
}

}  // namespace fabric::tuner

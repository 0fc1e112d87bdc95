#include "actors/program/program_names.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace fabric::actors {

namespace {

fault strange_answer() { return {fault_code::bad_message, "the head gave a strange answer", ""}; }

std::string in_words(const program_name& which) {
  return "\"" + which.name + "\"" +
         (which.name_space.empty() ? "" : " in the namespace \"" + which.name_space + "\"");
}

}  // namespace

void program_names::claim(const program_name& which, std::string target, claimed done) {
  auto& made = held_[which];
  const std::uint64_t number = made.number = ++last_;
  made.is_asked = true;
  if (!made.is_held) made.target = target;
  transport::name_claim request{
      .name_space = which.name_space, .name = which.name, .target = target};
  ask_(std::move(request), [this, which, number, target = std::move(target),
                            done = std::move(done)](result<transport::message> answer) {
    const auto at = held_.find(which);
    if (at == held_.end() || at->second.number != number)
      return done(fault{fault_code::cancelled,
                        "the name " + in_words(which) + " was given up meanwhile", ""});
    auto& claimed = at->second;
    claimed.is_asked = false;
    if (answer && std::holds_alternative<transport::name_found>(*answer)) {
      claimed.is_held = true;
      claimed.target = target;
      return done({});
    }
    fault why = answer ? strange_answer() : std::move(answer.error());
    if (!claimed.is_held || why.code == fault_code::key_conflict) held_.erase(at);
    done(std::move(why));
  });
}

void program_names::release(const program_name& which, std::function<void()> done) {
  if (!done) done = [] {};
  if (held_.erase(which) == 0) return done();
  ask_(transport::name_release{.name_space = which.name_space, .name = which.name},
       [done = std::move(done)](const auto&) { done(); });
}

void program_names::find(const program_name& which, instant until, instant now, found done) {
  const std::uint64_t number = ++last_;
  questions_[number] = {until + answer_grace, which, std::move(done)};
  ask_(transport::name_find{.name_space = which.name_space,
                            .name = which.name,
                            .wait = std::max(duration{0}, until - now)},
       [this, number](result<transport::message> answer) { answered(number, std::move(answer)); });
}

void program_names::answered(std::uint64_t question, result<transport::message> answer) {
  const auto at = questions_.find(question);
  if (at == questions_.end()) return;
  const auto done = std::move(at->second.done);
  questions_.erase(at);
  if (!answer) return done(std::move(answer.error()));
  auto* named = std::get_if<transport::name_found>(&*answer);
  if (named == nullptr) return done(strange_answer());
  done(std::move(*named));
}

/// A claim that the link still repeats by itself is not made twice.
void program_names::opened() {
  for (auto& [which, what] : held_)
    if (what.is_held && !what.is_asked) claim_again(which, what);
}

void program_names::claim_again(const program_name& which, holding& what) {
  what.is_asked = true;
  ask_(transport::name_claim{.name_space = which.name_space,
                             .name = which.name,
                             .target = what.target,
                             .is_again = true},
       [this, which, number = what.number](result<transport::message> answer) {
         const auto at = held_.find(which);
         if (at == held_.end() || at->second.number != number) return;
         at->second.is_asked = false;
         if (answer) return;
         held_.erase(at);
         lose_(which, answer.error());
       });
}

instant program_names::turn(instant now) {
  std::vector<question> late;
  instant next = never;
  for (auto at = questions_.begin(); at != questions_.end();) {
    if (at->second.until > now) {
      next = std::min(next, at->second.until);
      ++at;
      continue;
    }
    late.push_back(std::move(at->second));
    at = questions_.erase(at);
  }
  for (const auto& one : late)
    one.done(fault{fault_code::timed_out,
                   "the head did not say in time who holds the name " + in_words(one.which),
                   "is the head running?"});
  return next;
}

bool program_names::holds(const program_name& which) const {
  const auto at = held_.find(which);
  return at != held_.end() && at->second.is_held;
}

}  // namespace fabric::actors

#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "scheduler/tuner/study.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {

/// What an actor would do with a study's commands: it keeps them by kind, and checks after each
/// step that the study is sound.
class desk {
 public:
  explicit desk(study_settings how) : study_(study::make(std::move(how)).value()) {}
  desk(study_settings how, std::vector<trial> rows)
      : study_(study::resume(std::move(how), std::move(rows)).value()) {}

  std::vector<study_command::persist> stored;
  std::vector<study_command::persist_report> reports;
  std::vector<study_command::answered> answers;
  std::vector<study_command::evaluate> work;
  std::vector<study_command::refused> refused;
  std::vector<study_command::finished> finished;
  std::optional<study_command::done> done;
  int windings = 0;

  void step(const study_event_type& what) {
    for (auto& command : study_.step(what, ++now_ms_)) keep(std::move(command));
    ASSERT_EQ(study_.broken_invariant(), "");
  }

  desk& ask() {
    step(study_event::asked{});
    return *this;
  }
  void tell(const study_command::evaluate& what, double value) {
    study_event::told e;
    e.number = what.number;
    e.attempt = what.attempt;
    e.values = {value};
    e.node = "node-a";
    e.host = "host-a";
    step(e);
  }
  void fail(const study_command::evaluate& what, std::string error) {
    study_event::told e;
    e.number = what.number;
    e.attempt = what.attempt;
    e.error = std::move(error);
    step(e);
  }
  /// What the study answers.
  result<verdict> report(const study_command::evaluate& what, std::int64_t at, double value,
                         const std::string& run = "1.0#1") {
    step(study_event::reported{what.number, what.attempt, run, {at, value}, ++last_ticket_});
    EXPECT_FALSE(answers.empty());
    EXPECT_EQ(answers.back().ticket, last_ticket_);
    return answers.back().what;
  }
  void lose(const study_command::evaluate& what) {
    step(study_event::vanished{what.number, what.attempt});
  }

  /// Takes the oldest evaluation.
  study_command::evaluate next() {
    EXPECT_FALSE(work.empty()) << "nothing to evaluate";
    if (work.empty()) return {};
    auto front = work.front();
    work.erase(work.begin());
    return front;
  }

  [[nodiscard]] const study& of() const { return study_; }
  [[nodiscard]] study_counts count() const { return study_.count(); }

 private:
  void keep(study_command_type command) {
    if (auto* c = std::get_if<study_command::persist>(&command))
      stored.push_back(std::move(*c));
    else if (auto* c = std::get_if<study_command::persist_report>(&command))
      reports.push_back(std::move(*c));
    else if (auto* c = std::get_if<study_command::answered>(&command))
      answers.push_back(std::move(*c));
    else if (auto* c = std::get_if<study_command::evaluate>(&command))
      work.push_back(std::move(*c));
    else if (auto* c = std::get_if<study_command::refused>(&command))
      refused.push_back(std::move(*c));
    else if (auto* c = std::get_if<study_command::finished>(&command))
      finished.push_back(std::move(*c));
    else if (std::holds_alternative<study_command::winding_up>(command))
      ++windings;
    else {
      EXPECT_FALSE(done) << "done came twice";
      done = std::get<study_command::done>(command);
    }
  }

  study study_;
  std::int64_t now_ms_ = 1000;
  std::uint64_t last_ticket_ = 0;
};

inline study_settings a_study(std::initializer_list<std::string_view> declarations) {
  study_settings how;
  how.name = "s";
  how.over = a_space(declarations);
  how.sampler = "grid";
  return how;
}

/// A stored row of a study over `s`.
inline trial a_row(const space& s, trial_number n, trial_state state, point where,
                   std::optional<double> value = {}) {
  trial row;
  row.number = n;
  row.state = state;
  row.key = canonical_key(s, where);
  row.where = std::move(where);
  if (value) row.values = {*value};
  return row;
}

}  // namespace fabric::tuner

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "fabric/result.hpp"
#include "scheduler/tuner/study.hpp"
#include "transport/message.hpp"

namespace fabric::actors {

/// Reports of trials that the study has not answered yet, by ticket.
class trial_notes {
 public:
  struct asker {
    tuner::trial_number trial = 0;
    transport::note what;
  };

  /// The ticket.
  std::uint64_t asked(tuner::trial_number by, transport::note what) {
    open_[++last_] = {by, std::move(what)};
    return last_;
  }
  /// Precondition: the ticket was given out and not answered.
  asker answered(std::uint64_t ticket) { return std::move(open_.extract(ticket).mapped()); }

 private:
  std::map<std::uint64_t, asker> open_;
  std::uint64_t last_ = 0;
};

/// A report as a trial's note: {"step": 3, "value": 0.5}; "inf" and "-inf" are values too. Faults:
/// usage.
result<tuner::trial_report> report_in(const std::string& note);
std::string note_of(const tuner::trial_report& what);

/// {"verdict": "go_on"}, "stop", or {"error": {...}}.
std::string answer_text(const result<tuner::verdict>& what);
/// Faults: the one that the answer tells; bad_message.
result<tuner::verdict> verdict_in(const std::string& answer);

}  // namespace fabric::actors

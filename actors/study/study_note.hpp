#pragma once

#include <cstdint>
#include <string>

#include "fabric/result.hpp"
#include "fabric/trial.hpp"

/// What a running objective asks its study, and the answer, as the bodies of notes.
namespace fabric::actors {

struct study_note {
  std::uint64_t number = 0;
  std::uint32_t attempt = 1;
  std::string run;  ///< of the evaluation: a retried call is another one
  std::int64_t step = 0;
  double value = 0;
};
FABRIC_PACK(study_note, number, attempt, run, step, value);

std::string note_of(const study_note& what);
/// Faults: bad_message.
result<study_note> note_in(const std::string& body);

std::string answer_of(verdict what);
verdict verdict_in(const std::string& answer);

}  // namespace fabric::actors

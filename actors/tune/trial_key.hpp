#pragma once

#include <string>

#include "scheduler/tuner/trial.hpp"
#include "transport/message.hpp"

namespace fabric::actors {

/// What the keys of all tasks of a trial begin with.
std::string trial_key_prefix(const std::string& uid, tuner::trial_number number);

/// The idempotency key of a trial's task: "trial/UID/NUMBER/CONTENT". The content is all that is
/// submitted, the point among it, so that the same trial submitted alike is the same task, and
/// anything else never is. A task that was cancelled is submitted again in the next *round*,
/// with "/ROUND" behind it.
std::string trial_key(const std::string& uid, tuner::trial_number number,
                      const transport::submit& what);

/// True where the key is that of the same trial with the same content, whatever the round.
bool is_round_of(const std::string& key, const std::string& first);

}  // namespace fabric::actors

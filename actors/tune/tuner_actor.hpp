#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/head_connection.hpp"
#include "actors/protocol.hpp"
#include "actors/tune/objective_value.hpp"
#include "actors/tune/study_keeper.hpp"
#include "scheduler/tuner/study.hpp"
#include "transport/work.hpp"

namespace fabric::actors {

struct tuner_settings {
  std::string study;
  std::string uid;                   ///< of the study: part of every trial's idempotency key
  transport::command_work pattern;
  value_rule value;
  demand needs;
  duration time_limit{0};
  std::uint32_t retries = 0;
  int priority = 0;
  std::function<void(const tuner::trial&)> on_trial;          ///< one is over
  std::function<void(const tuner::study_counts&)> on_counts;  ///< after each step
  std::function<void(result<tuner::study_command::done::reason>)> on_done;
};

struct tuner_stop {
  bool cancel_running = false;
};
struct tuner_heard {
  transport::message what;
};
struct tuner_submitted {
  tuner::trial_number number = 0;
  std::uint32_t attempt = 0;
  std::shared_ptr<result<transport::message>> answer;
};
struct tuner_stored {
  std::uint64_t batch = 0;
  std::shared_ptr<result<store::study_store::stored>> outcome;
};

using tuner_actor = caf::typed_actor<caf::reacts_to<tuner_stop>, caf::reacts_to<tuner_heard>,
                                     caf::reacts_to<tuner_submitted>, caf::reacts_to<tuner_stored>>;

/// Owns one study: it alone chooses points, so that no two workers ever get the same one. A step of the
/// study's core is stored before any trial of it is submitted. Trials carry idempotency keys: a tuner
/// that was killed attaches to what still runs when it resumes.
tuner_actor spawn_tuner(caf::actor_system& system, tuner_settings how, tuner::study core,
                        std::shared_ptr<study_keeper> file,
                        std::shared_ptr<head_connection> head);

}  // namespace fabric::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_stop)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_heard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_submitted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_stored)

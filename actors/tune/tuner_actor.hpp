#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "actors/head_connection.hpp"
#include "actors/protocol.hpp"
#include "actors/tune/looking.hpp"
#include "actors/tune/objective_value.hpp"
#include "actors/tune/step_batch.hpp"
#include "actors/tune/study_keeper.hpp"
#include "scheduler/tuner/study.hpp"
#include "transport/work.hpp"

namespace fabric::actors {

struct tuner_settings {
  std::string study;
  std::string uid;         ///< of the study: part of every trial's idempotency key
  store::tuner_mark self;  ///< as it entered the study's file
  /// Jobs that dead tuners started for trials which are resumed.
  std::map<tuner::trial_number, std::uint64_t> left_jobs;
  transport::command_work pattern;
  output_rules output;
  demand needs;
  duration time_limit{0};
  std::uint32_t retries = 0;
  int priority = 0;
  std::function<void(const tuner::trial&)> on_trial;          ///< one is over
  std::function<void(const tuner::study_counts&)> on_counts;  ///< after each step
  std::function<void(const std::string&)> on_notice;          ///< something to know, one line
  std::function<void(result<tuner::study_command::done::reason>)> on_done;
};

/// Nothing new begins: what is proposed and held by no node is given back.
struct tuner_stop {
  bool cancel_running = false;  ///< and so is what nodes hold
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
  std::shared_ptr<result<batch_answer>> outcome;
};
struct tuner_looked {
  std::shared_ptr<result<look_around>> found;
};
/// What the head knows of a job that an earlier tuner started for the trial.
struct tuner_found_job {
  tuner::trial_number number = 0;
  std::uint32_t attempt = 0;
  job_id job;
  std::string key;  ///< empty where there is no such job
  bool is_over = false;
};
/// The head's answer to "why does this wait?".
struct tuner_explained {
  job_id job;
  std::string document;
};
struct tuner_tick {};

using tuner_actor = caf::typed_actor<caf::reacts_to<tuner_stop>, caf::reacts_to<tuner_heard>,
                                     caf::reacts_to<tuner_submitted>, caf::reacts_to<tuner_stored>,
                                     caf::reacts_to<tuner_looked>, caf::reacts_to<tuner_found_job>,
                                     caf::reacts_to<tuner_explained>, caf::reacts_to<tuner_tick>>;

/// Owns one study: it alone chooses points, so that no two workers ever get the same one. A step of
/// the study's core is stored before any trial of it is submitted. Trials carry idempotency keys: a
/// tuner that was killed attaches to what still runs when it resumes. Other tuners may work on the
/// same study: their points are left to them until they are gone.
tuner_actor spawn_tuner(caf::actor_system& system, tuner_settings how, tuner::study core,
                        std::shared_ptr<study_keeper> file, std::shared_ptr<head_connection> head);

}  // namespace fabric::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_stop)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_heard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_submitted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_stored)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_looked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_found_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_explained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fabric::actors::tuner_tick)

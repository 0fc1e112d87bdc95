#pragma once

#include <optional>
#include <string>
#include <vector>

#include "actors/store/study_store.hpp"
#include "fabric/result.hpp"

/// Single points of a study for whoever evaluates them by hand or in a program of its own, without
/// a tuner that stays. Everything is in the study's file when a call returns, and as safe against
/// tuners that run beside as these are against each other.
namespace fabric::actors {

/// A point that was leased.
struct asked_point {
  tuner::trial_number number = 0;
  std::uint32_t attempt = 1;
  tuner::point where;
  std::int64_t until_ms = 0;  ///< after that it may be given to others
};

/// The next point: enqueued ones and those whose lease is over first, then what the sampler
/// proposes. Costs a look at each trial of the study. Faults: exhausted (all points are done), busy
/// (the others are being evaluated), the store's.
result<asked_point> ask_point(store::study_store& file, const tuner::study_settings& how,
                              std::int64_t lease_ms);

/// How an asked trial ended.
struct told_result {
  tuner::trial_state state = tuner::trial_state::complete;  ///< complete, pruned or fail
  std::vector<double> values;                               ///< of a complete or pruned one
  std::vector<double> constraints;                          ///< each is met where it is not above 0
  std::string error;                                        ///< of a failed one; one line
};

/// Faults: not_found (no such trial, no such attempt), stale_attempt (it is over, or was given to
/// another since), forbidden (it is a tuner's, or was not asked for), the store's.
result<void> tell_point(store::study_store& file, const tuner::study_settings& how,
                        tuner::trial_number number, std::optional<std::uint32_t> attempt,
                        const told_result& what);

/// Why a point cannot be enqueued, and what to do.
fault taken_by(const tuner::trial& owner, const std::string& remedy = "");

/// Puts a point first: the next to be handed out by whoever hands out points. Faults:
/// duplicate_params (a trial has it, which the fault names), the store's.
result<tuner::trial_number> enqueue_point(store::study_store& file,
                                          const tuner::study_settings& how,
                                          const tuner::point& where);

/// Has the point of a failed trial evaluated again: by a new trial, the next to be handed out.
/// Faults: not_found (no such trial), usage (it has not failed, or lies outside the space),
/// duplicate_params (another trial has the point by now, as after an earlier call), the store's.
result<tuner::trial_number> retry_trial(store::study_store& file, const tuner::study_settings& how,
                                        tuner::trial_number failed);

}  // namespace fabric::actors

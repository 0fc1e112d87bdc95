#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// Optuna's words, because scripts know them.
enum class trial_state : std::uint8_t { running, complete, pruned, fail, waiting };
std::string_view name_of(trial_state s);  ///< "RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"

enum class direction : std::uint8_t { minimize, maximize };
std::string_view name_of(direction d);  ///< "minimize", "maximize"
/// "minimize", or "minimize,maximize" of several objectives.
std::string words_for(std::span<const direction> directions);

/// What is done when a sampler proposes a point that was evaluated before.
enum class duplicates : std::uint8_t {
  never,   ///< it proposes another; when no free point is left: exhausted
  cached,  ///< the trial is recorded COMPLETE at once with the earlier value, naming the earlier
           ///< trial
  allow,   ///< it is evaluated again
};

using trial_number = std::uint64_t;  ///< from 0, per study

/// A value that a trial reported while it ran.
struct trial_report {
  std::int64_t step = 0;
  double value = 0;

  bool operator==(const trial_report&) const = default;
};

inline constexpr std::int64_t step_max = (std::int64_t{1} << 31) - 1;  ///< as databases hold it
inline constexpr std::size_t reports_max = 100'000;                    ///< of one trial

/// What an evaluation found out about its point.
struct finding {
  std::vector<double> values{};       ///< one an objective; none where it found nothing
  std::vector<double> constraints{};  ///< each is met where it is not above 0

  bool operator==(const finding&) const = default;
};

/// One row of a study.
struct trial {
  trial_number number = 0;
  trial_state state = trial_state::running;
  point where;
  std::string key;               ///< canonical_key(where)
  std::uint32_t attempt = 1;     ///< leases of this point so far
  std::vector<double> values{};  ///< one an objective; of PRUNED: the last reported one
  std::int64_t start_ms = 0;     ///< wall clock, milliseconds since 1970; 0 is unknown
  std::int64_t complete_ms = 0;
  std::string node;  ///< name of the node that evaluated it
  /// JSON texts by key: HOST = {"host": "name"}, duplicate_of = 3, error = "last stderr line"
  std::map<std::string, std::string> user_attrs;
  std::vector<trial_report> reports{};  ///< steps rise
  std::string run{};                    ///< of its task, that reported last: "17.0#1"
  bool is_told_to_stop = false;         ///< by a pruner
  bool gave_back = false;  ///< its worker was lost: it failed, and its point is free again
  /// Of a trial that is no point of the space, whose `where` is empty: JSON texts by parameter.
  std::map<std::string, std::string> outside{};
  std::vector<double> constraints{};  ///< each is met where it is not above 0

  bool operator==(const trial&) const = default;

  /// Whether it has not ended.
  [[nodiscard]] bool is_open() const {
    return state == trial_state::running || state == trial_state::waiting;
  }

  /// The value of a study of one objective; nothing where there is none.
  [[nodiscard]] std::optional<double> value() const {
    return values.size() == 1 ? std::optional{values.front()} : std::nullopt;
  }
};

/// "trial 7", as messages speak of it.
std::string named(trial_number n);

/// The values as they are to be minimised. Precondition: as many values as directions.
std::vector<double> losses_of(std::span<const double> values,
                              std::span<const direction> directions);

/// By how much constraints are violated: the sum of what each is above 0. 0 is feasible.
double violation_of(std::span<const double> constraints);

}  // namespace fabric::tuner

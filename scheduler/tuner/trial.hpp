#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/tuner/space.hpp"

namespace fabric::tuner {

/// Optuna's words, because scripts know them.
enum class trial_state : std::uint8_t { running, complete, pruned, fail, waiting };
std::string_view name_of(trial_state s);  ///< "RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING"

enum class direction : std::uint8_t { minimize, maximize };

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

/// One row of a study.
struct trial {
  trial_number number = 0;
  trial_state state = trial_state::running;
  point where;
  std::string key;              ///< canonical_key(where)
  std::uint32_t attempt = 1;    ///< leases of this point so far
  std::optional<double> value;  ///< of PRUNED: the last reported one
  std::int64_t start_ms = 0;    ///< wall clock, milliseconds since 1970; 0 is unknown
  std::int64_t complete_ms = 0;
  std::string node;  ///< name of the node that evaluated it
  /// JSON texts by key: HOST = {"host": "name"}, duplicate_of = 3, error = "last stderr line"
  std::map<std::string, std::string> user_attrs;
  std::vector<trial_report> reports{};  ///< steps rise
  std::string run{};                    ///< of its task, that reported last: "17.0#1"
  bool is_told_to_stop = false;         ///< by a pruner
  /// Of a trial that is no point of the space, whose `where` is empty: JSON texts by parameter.
  std::map<std::string, std::string> outside{};

  bool operator==(const trial&) const = default;
};

/// True where `a` is the better result: by its value, and of equal ones by the lower number. Both
/// have a value.
bool is_better(const trial& a, const trial& b, direction towards);

}  // namespace fabric::tuner

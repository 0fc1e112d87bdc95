#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fabric/instant.hpp"
#include "scheduler/tuner/trial.hpp"

/// The tuner's core: one study, as a value. It owns the ledger of points (free, leased, done), the
/// sampler and the trial numbers. Duplicate suggestions cannot happen here, because a point is
/// leased by the same step that chooses it.
namespace fabric::tuner {

struct study_settings {
  std::string name;
  direction towards = direction::minimize;
  space over;
  std::string sampler = "random";         ///< a name of samplers/: "grid", "random"
  duplicates repeats = duplicates::never;
  std::optional<std::uint64_t> trials_max;  ///< proposals in all; nothing: until exhausted
  std::uint32_t parallel = 1;             ///< leased points at most
  std::uint32_t attempts_max = 3;         ///< leases of one point whose worker vanished, before it is FAIL
  std::uint64_t seed = 0;
};

namespace study_event {
/// Hand out points, as many as are allowed now.
struct asked {};
/// The evaluation is over. Exactly one of value and error is given; values are finite.
struct told {
  trial_number number = 0;
  std::uint32_t attempt = 1;
  std::optional<double> value;
  std::string error;                      ///< one line; for FAIL
  std::string node;
  std::string host;
  std::int64_t start_ms = 0;
  std::int64_t complete_ms = 0;
};
/// The evaluation vanished without an answer (worker lost, lease over): the point is leased again.
struct vanished {
  trial_number number = 0;
  std::uint32_t attempt = 1;
};
/// The store says that another tuner of the same study owns this proposal's point.
struct taken_elsewhere {
  trial_number number = 0;
  std::optional<trial> theirs;            ///< its trial, where it is finished
};
/// No further points are to be handed out (Ctrl-C, --timeout); leased ones may still end.
struct stop_requested {};
}  // namespace study_event

namespace study_command {
/// Store this row before anything else of the step (insert where new, else update).
struct persist {
  trial row;
  bool is_new = false;
};
/// Evaluate it.
struct evaluate {
  trial_number number = 0;
  std::uint32_t attempt = 1;
  point where;
};
/// The told result is not recorded: the trial is finished or a newer attempt has the point.
struct refused {
  trial_number number = 0;
  std::uint32_t attempt = 1;
  std::string why;
};
/// This trial is over (for progress output).
struct finished {
  trial row;
};
/// Nothing is leased and nothing more will be handed out.
struct done {
  enum class reason : std::uint8_t { exhausted, trials_reached, stopped } because;
};
}  // namespace study_command

using study_event_type =
    std::variant<study_event::asked, study_event::told, study_event::vanished,
                 study_event::taken_elsewhere, study_event::stop_requested>;
using study_command_type =
    std::variant<study_command::persist, study_command::evaluate, study_command::refused,
                 study_command::finished, study_command::done>;

struct study_counts {
  std::uint64_t leased = 0;
  std::uint64_t complete = 0;
  std::uint64_t failed = 0;
  std::uint64_t cached = 0;               ///< duplicates answered from an earlier trial
  std::uint64_t refused = 0;              ///< late or stale tells
  std::uint64_t released = 0;             ///< leases that vanished and were given out again
  std::optional<std::uint64_t> free;      ///< points left, in a finite space
};

class study {
 public:
  /// Faults: usage (unknown sampler, grid over a continuous space, parallel 0).
  static result<study> make(study_settings how);

  /// Goes on from stored rows. COMPLETE and PRUNED points are done; FAIL points too (a failed point
  /// is not tried again unless enqueued); RUNNING ones are handed out again first, with their number
  /// and attempt + 1. Faults: usage where a row does not lie in the space.
  static result<study> resume(study_settings how, std::vector<trial> rows);

  ~study();
  study(study&&) noexcept;
  study& operator=(study&&) noexcept;

  std::vector<study_command_type> step(const study_event_type& what, std::int64_t wall_ms);

  [[nodiscard]] const study_settings& how() const;
  [[nodiscard]] study_counts count() const;
  /// The COMPLETE trial with the best value, the lowest number where several are equal.
  [[nodiscard]] const trial* best() const;
  [[nodiscard]] std::string broken_invariant() const;

 private:
  struct book;
  explicit study(std::unique_ptr<book> b);
  std::unique_ptr<book> book_;
};

}  // namespace fabric::tuner

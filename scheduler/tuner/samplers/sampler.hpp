#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/ledger.hpp"

namespace fabric::tuner {

/// What a sampler may propose.
enum class freedom : std::uint8_t {
  only_free,  ///< a point that is free in the ledger
  any,        ///< also one that was given out before
};

/// What an evaluation came to. Losses are to be minimised, whatever the study's directions.
struct outcome {
  trial_state state = trial_state::fail;  ///< complete, pruned or fail
  std::vector<double> losses{};           ///< one an objective where complete, else empty
  struct report {
    std::int64_t step = 0;
    double loss = 0;
  };
  std::optional<report> last_report{};  ///< the one with the highest step
  /// Sum of what each constraint is above zero; 0 is feasible.
  double violation = 0;
  std::vector<double> constraints{};  ///< as they came: each is met where it is not above 0
};

/// Chooses points. One sampler serves one study; the study calls it, and whatever it proposes is
/// leased in the same step, so it never has to think of other workers. It holds no clock and draws
/// its randomness from its seed: the same calls give the same points.
///
/// A trial is known here by its age, the order in which trials began; it never changes and is never
/// used again. A coordinate may be `inactive`, where the point's other values leave a parameter
/// out.
class sampler {
 public:
  virtual ~sampler() = default;

  /// The next point; nothing where there is none left that it may propose, and then for ever after.
  virtual std::optional<point> propose(const ledger& points, freedom among) = 0;

  /// `where` is being evaluated from now on.
  virtual void started(std::uint64_t age, const point& where);
  /// It is over; failed also where it was given up. After a resume also for finished trials whose
  /// start was never told.
  virtual void ended(std::uint64_t age, const point& where, const outcome& how);
};

struct sampler_setup {
  const space* over = nullptr;  ///< must outlive the sampler
  std::uint64_t seed = 0;
  /// Differs for each resumption of a study, so that draws go on instead of starting anew.
  std::uint64_t stream = 0;
  std::size_t objectives = 1;
};

/// Names for `--sampler`, sorted.
std::span<const std::string_view> samplers();

/// Faults: usage (unknown name, a space that the sampler cannot serve).
result<std::unique_ptr<sampler>> make_sampler(std::string_view name, const sampler_setup& how);

}  // namespace fabric::tuner

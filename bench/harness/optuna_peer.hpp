#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/tuner/space.hpp"

namespace fabric::bench {

/// Debian's python3-optuna in a process of its own, asked through pipes (see optuna_peer.py).
/// Throws case_failed where it says something else than expected.
class optuna_peer {
 public:
  /// Nothing where the system's Python has no Optuna.
  static std::unique_ptr<optuna_peer> start();
  ~optuna_peer();
  optuna_peer(const optuna_peer&) = delete;
  optuna_peer& operator=(const optuna_peer&) = delete;

  /// "Optuna 3.1.0".
  [[nodiscard]] const std::string& name() const { return name_; }

  /// A fresh study in memory takes the place of the one before.
  void begin(const std::string& sampler, std::uint64_t seed, const tuner::space& over);
  /// A trial's number and the values of its parameters, in order, categories by index.
  std::pair<std::int64_t, std::vector<double>> ask();
  void tell(std::int64_t number, double value);

  struct cost {
    std::string sampler;
    std::uint64_t seed = 0;
    std::size_t trials = 0;  ///< that the study has
    std::size_t pairs = 0;   ///< that are timed
    std::string storage{};   ///< a URL; empty: in memory
  };
  double pairs_per_second(const cost& what, const tuner::space& over);

  /// Workers that share one study over a grid of integers, with so many trials in all.
  struct crowd {
    std::string sampler;
    unsigned workers = 16;
    unsigned columns = 20;
    unsigned rows = 10;
    unsigned trials = 200;
    bool recipe = false;      ///< whoever finds its parameters with another trial gives its own up
    double seconds = 0;       ///< that an evaluation takes
    bool kill_first = false;  ///< one worker dies before, with a point in hand
    std::string served_by{};  ///< the daemon that serves the study; empty: they share a journal
  };
  struct crowd_result {
    unsigned evaluations = 0;
    unsigned points = 0;  ///< different ones among them
    bool lost_came_back = false;
  };
  crowd_result run(const crowd& what);

 private:
  optuna_peer() = default;
  nlohmann::json request(const nlohmann::json& what);

  pid_t pid_ = 0;
  int to_ = -1;
  int from_ = -1;
  std::string name_;
};

}  // namespace fabric::bench

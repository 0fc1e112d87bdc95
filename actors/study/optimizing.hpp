#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "actors/api/desk.hpp"
#include "actors/study/study_desk.hpp"
#include "fabric/study.hpp"
#include "scheduler/tuner/value_count.hpp"

namespace fabric {

namespace actors {
ending ending_of(study_desk::reason why);
}

/// One run of `study::optimize`: keeps so many evaluations in flight, on the caller's thread.
class optimizing {
 public:
  using begin = std::function<study::evaluation(const trial&)>;

  optimizing(study& of, session& where, const optimize_options& how, const begin& start);
  optimizing(const optimizing&) = delete;
  optimizing& operator=(const optimizing&) = delete;
  /// Cancels what is in flight, waits for it, and gives the points back.
  ~optimizing();

  ending run();

 private:
  struct in_flight {
    trial which;
    study::evaluation call;
  };
  /// What has ended, from the session's callback thread.
  struct arrivals {
    std::mutex mutex;
    std::condition_variable come;
    std::deque<std::uint64_t> tickets;
  };

  [[nodiscard]] bool may_begin() const;
  bool begin_one();
  std::optional<std::uint64_t> next_ended(std::chrono::nanoseconds at_most);
  void take_ended(std::uint64_t ticket);
  void tell(tuner::study_event::told what);
  void failed(const in_flight& one, const error& why);
  [[noreturn]] void refuse(const in_flight& one, std::size_t values);
  void call_off();

  study& of_;
  session& where_;
  const optimize_options& how_;
  const begin& start_;
  const std::chrono::steady_clock::time_point end_;
  tuner::value_count values_;
  std::map<std::uint64_t, in_flight> running_;  // by ticket
  std::uint64_t tickets_ = 0;
  const std::shared_ptr<arrivals> ended_ = std::make_shared<arrivals>();
};

}  // namespace fabric

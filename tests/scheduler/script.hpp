#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/engine.hpp"
#include "tests/scheduler/memory_store.hpp"

namespace fabric::scheduler {

/// A scenario as text. Each line at the left margin is something that happens; the lines indented
/// below it are what the scheduler does about it. `#` begins a comment line; blank lines are free.
///
///   settings lease=20s placement=pack      before anything else
///   wait 5s                                time goes by, and a tick
///   join n1 session=1 cpu=4 gpu=1 label=zone:lab incarnation=2 holding=1.0#1,1.1#1!   (! has
///   ended) heartbeat|lost|left n1 session=1 submit cpu=1 gpu=0.5 count=3 first=1 key=k priority=1
///   retries=2 poison=3 after=1,2 expires=9s
///          label=zone:lab
///   started|declined n1 1.0#1       ended n1 1.0#1 succeeded
///   cancel 1        cancel 1.0      drain n1 within=10s      forget n1
///   explain 1.0                            prints the explanation
///   restart                                goes on from the records
class script_runner {
 public:
  /// What one line of the script makes the scheduler say.
  std::vector<std::string> run(const std::string& line);

 private:
  using words = std::map<std::string, std::string>;
  void read_settings(const words& named);
  std::vector<std::string> feed(const event_type& what);
  std::vector<std::string> explain(const std::string& task) const;
  [[nodiscard]] std::optional<event_type> event_of(const std::vector<std::string>& plain,
                                                   const words& named) const;
  settings how_;
  std::optional<engine> scheduler_;
  memory_store store_;
  instant now_{std::chrono::seconds{100}};
};

}  // namespace fabric::scheduler

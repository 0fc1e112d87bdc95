#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace fabric::bench {

/// Clients of a case that act at the same time, each in a process of its own. Make it before
/// anything starts a thread.
class client_crew {
 public:
  /// Does what it is told, and answers a number.
  using client = std::function<double(const std::string& order)>;

  /// `make` runs in each new process, with the client's number from 0, when its first order comes.
  client_crew(std::size_t count, const std::function<client(std::size_t which)>& make);
  ~client_crew();  ///< ends them, and waits
  client_crew(const client_crew&) = delete;
  client_crew& operator=(const client_crew&) = delete;

  [[nodiscard]] pid_t pid(std::size_t which) const { return members_[which].pid; }
  /// Gives the first `count` clients an order of one line, and waits for all; their numbers. Throws
  /// case_failed with what the first one that failed says.
  std::vector<double> tell(std::size_t count, const std::string& order);
  /// The same, but the next one begins when the one before has answered.
  void tell_in_turn(std::size_t count, const std::string& order);
  std::vector<double> tell_all(const std::string& order) { return tell(members_.size(), order); }

 private:
  struct member {
    pid_t pid = 0;
    int orders = -1;
    int answers = -1;
  };

  void give(std::size_t which, const std::string& order);
  std::string hear(std::size_t which);

  std::vector<member> members_;
};

}  // namespace fabric::bench

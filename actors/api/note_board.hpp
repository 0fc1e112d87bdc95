#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::detail {

/// What running calls ask the program that made them, by topic. Thread-safe.
class note_board {
 public:
  using answer = std::function<void(result<std::string>)>;
  /// Called on any thread; must not block. The answer may be given later, on any thread, once.
  using taker = std::function<void(std::string body, answer)>;

  void take(std::string topic, taker by);
  /// No taker of the topic is called after it.
  void drop(std::string_view topic);
  /// Faults, as the answer: not_found (nobody takes notes of it).
  void ask(std::string_view topic, std::string body, answer done);

 private:
  std::mutex mutex_;
  std::map<std::string, taker, std::less<>> takers_;
};

/// `note_board::ask`, waiting. Throws task errors.
std::string ask_and_wait(note_board& board, std::string_view topic, std::string body);

/// Throws what the fault is to a task.
[[noreturn]] void throw_note_fault(const fault& why);

}  // namespace fabric::detail

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "fabric/result.hpp"

namespace fabric::actors {

/// Where a node's tasks say what they report: a socket in the node's folder, for this user alone. A
/// caller sends one line and waits for one. Thread-safe; one thread of its own serves all callers.
class report_door {
 public:
  static constexpr std::size_t callers_max = 1000;  ///< more wait until they are let in
  static constexpr std::size_t line_max = 4096;     ///< who sends more is cut off

  /// Both are called on the door's thread.
  struct listener {
    std::function<void(std::uint64_t caller, std::string line)> spoke;
    /// Also after an answer.
    std::function<void(std::uint64_t caller)> hung_up;
  };

  /// Takes the place of a socket that was left behind. Faults: store_failed (the folder is not
  /// there, or its file system knows no sockets).
  static result<std::unique_ptr<report_door>> open(const std::string& folder, listener to);
  ~report_door();
  report_door(const report_door&) = delete;
  report_door& operator=(const report_door&) = delete;

  /// Sends the line and ends the conversation. Nothing where the caller has gone.
  void answer(std::uint64_t caller, std::string line);

 private:
  struct parts;
  explicit report_door(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

/// "FOLDER/report.sock".
std::string report_path(const std::string& folder);

/// A caller's half: sends the line and waits for the answer. Faults: unreachable (nobody is there,
/// or the node has gone meanwhile), timeout_unknown (no answer for so many milliseconds).
result<std::string> say_at_door(const std::string& path, const std::string& line,
                                std::int64_t patience_ms);

}  // namespace fabric::actors

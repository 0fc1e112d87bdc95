#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace fabric::store {

/// How long a database is waited for that is away, or locked by another program.
struct patience {
  std::chrono::milliseconds most{60'000};
  std::function<void(const std::string&)> notice{};  ///< what is waited for; called once a wait
  std::function<bool()> goes_on{};  ///< asked all the time; false: whoever waited wants to end
};

/// One wait after the other. What fails once a wait has gone on for too long is not waited for
/// again: all calls share the patience, until the database is back.
class waiting {
 public:
  explicit waiting(patience how = {}) : how_(std::move(how)) {}

  /// The database does not answer; nothing where that is known.
  void begin();
  void end() { since_.reset(); }
  [[nodiscard]] bool goes_on() const;
  [[nodiscard]] bool is_wanted() const { return !how_.goes_on || how_.goes_on(); }
  /// It does not, and was begun.
  [[nodiscard]] bool is_over() const { return since_ && !goes_on(); }
  [[nodiscard]] std::chrono::milliseconds lasted() const;
  void tell(const std::string& what);

 private:
  patience how_;
  std::optional<std::chrono::steady_clock::time_point> since_;
  bool is_told_ = false;
};

}  // namespace fabric::store

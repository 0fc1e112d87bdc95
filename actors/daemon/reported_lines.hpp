#pragma once

#include <functional>
#include <string>
#include <vector>

#include "fabric/result.hpp"
#include "scheduler/tuner/pruners/pruner.hpp"
#include "scheduler/tuner/trial.hpp"

/// Commands whose lines say how far they are.
namespace fabric::daemon {

inline constexpr std::string_view usual_report_line = R"(^report (\d+) (\S+)$)";
inline constexpr std::size_t report_line_max =
    64 << 10;  ///< the rest of a longer line is not looked at

/// Whole lines out of a stream of bytes, without their ends.
class line_cutter {
 public:
  explicit line_cutter(std::function<void(const std::string&)> each) : each_(std::move(each)) {}
  void take(std::string_view bytes);
  /// The last line, where it has no end.
  void finish();

 private:
  std::function<void(const std::string&)> each_;
  std::string line_;
};

/// Finds reports in lines: the first group of the expression (RE2) is the step, the second the
/// value.
class report_pattern {
 public:
  /// Faults: usage (no expression, or not two groups).
  static result<report_pattern> make(const std::string& expression);
  ~report_pattern();
  report_pattern(report_pattern&&) noexcept;
  report_pattern& operator=(report_pattern&&) noexcept;

  struct words {
    std::string step;
    std::string value;
  };
  [[nodiscard]] std::optional<words> in(const std::string& line) const;

 private:
  struct parts;
  explicit report_pattern(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

/// Runs the command and passes its standard output on, line by line to `said` as well; where that
/// answers stop, the command gets SIGTERM, and SIGKILL 10 s later. Answers its exit status, 128 + n
/// where signal n ended it. Faults: not_found, config (it cannot be started), internal.
result<int> run_listening(const std::vector<std::string>& argv,
                          const std::function<tuner::verdict(const std::string& line)>& said);

}  // namespace fabric::daemon

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::tuner {

/// A pruner as it is typed: "NAME" or "NAME:key=value,key=value". Each setting is taken once by the
/// pruner that knows it; what nobody took, or what does not fit, is the fault that `finish` gives.
/// The value of `of` is all the rest of the text.
class pruner_words {
 public:
  explicit pruner_words(std::string_view text);

  [[nodiscard]] std::string_view name() const { return name_; }

  /// A whole number of at least `least`; `otherwise` where the setting is not there.
  std::int64_t whole(const std::string& key, std::int64_t otherwise, std::int64_t least = 0);
  /// As `whole`; nothing where it is "auto" or not there.
  std::optional<std::int64_t> whole_or_auto(const std::string& key, std::int64_t least);
  /// A number, never NaN; nothing where the setting is not there.
  std::optional<double> real(const std::string& key);
  std::optional<std::string> text(const std::string& key);
  /// Says what is wrong with a setting, or with all of them.
  void complain(std::string what);

  /// Faults: usage, the first complaint.
  [[nodiscard]] result<void> finish() const;

 private:
  std::string_view name_;
  std::map<std::string, std::string, std::less<>> left_;
  std::string known_;  ///< keys that were asked for
  std::string complaint_;
};

}  // namespace fabric::tuner

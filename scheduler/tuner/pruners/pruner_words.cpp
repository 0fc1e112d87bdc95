#include "scheduler/tuner/pruners/pruner_words.hpp"

#include <cmath>

#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/number_in.hpp"

namespace fabric::tuner {

namespace {

/// Above this no step and no number of trials makes sense, and sums of them stay within 64 bits.
constexpr std::int64_t whole_max = 1'000'000'000'000;

}  // namespace

pruner_words::pruner_words(std::string_view text) : name_(text.substr(0, text.find(':'))) {
  if (name_.size() == text.size()) return;
  text.remove_prefix(name_.size() + 1);
  for (;;) {
    const bool is_rest = text.starts_with("of=");
    const auto setting = is_rest ? text : text.substr(0, text.find(','));
    const auto equals = setting.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      complain(shown(setting) + " is no setting; settings are written key=value");
      return;
    }
    const std::string key{setting.substr(0, equals)};
    if (!left_.try_emplace(key, setting.substr(equals + 1)).second)
      complain(shown(key) + " is given twice");
    if (setting.size() == text.size()) return;
    text.remove_prefix(setting.size() + 1);
  }
}

std::optional<std::string> pruner_words::text(const std::string& key) {
  known_ += (known_.empty() ? "" : ", ") + key;
  auto found = left_.extract(key);
  if (found.empty()) return std::nullopt;
  return std::move(found.mapped());
}

std::int64_t pruner_words::whole(const std::string& key, std::int64_t otherwise,
                                 std::int64_t least) {
  const auto typed = text(key);
  if (!typed) return otherwise;
  const auto number = number_in<std::int64_t>(*typed);
  if (number && *number >= least && *number <= whole_max) return *number;
  complain(key + " is " + shown(*typed) + ", which is no whole number from " +
           std::to_string(least) + " to " + std::to_string(whole_max));
  return otherwise;
}

std::optional<std::int64_t> pruner_words::whole_or_auto(const std::string& key,
                                                        std::int64_t least) {
  const auto found = left_.find(key);
  if (found != left_.end() && found->second != "auto") return whole(key, least, least);
  text(key);
  return std::nullopt;
}

std::optional<double> pruner_words::real(const std::string& key) {
  const auto typed = text(key);
  if (!typed) return std::nullopt;
  const auto number = number_in<double>(*typed);
  if (number && !std::isnan(*number)) return number;
  complain(key + " is " + shown(*typed) + ", which is no number");
  return std::nullopt;
}

void pruner_words::complain(std::string what) {
  if (complaint_.empty()) complaint_ = std::move(what);
}

result<void> pruner_words::finish() const {
  const auto usage = [this](std::string what, std::string hint) {
    return fault{fault_code::usage, "pruner " + shown(name_) + ": " + std::move(what),
                 std::move(hint)};
  };
  if (!complaint_.empty()) return usage(complaint_, "");
  if (left_.empty()) return {};
  return usage("there is no setting " + shown(left_.begin()->first),
               known_.empty() ? "it has none" : "its settings are " + known_);
}

}  // namespace fabric::tuner

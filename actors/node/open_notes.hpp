#pragma once

#include <map>
#include <optional>
#include <vector>

#include "fabric/instant.hpp"
#include "transport/message.hpp"

namespace fabric::actors {

/// What tasks of a node have said and nobody has answered yet. A value.
class open_notes {
 public:
  static constexpr duration patience = std::chrono::seconds{2};  ///< before one is sent again

  /// Numbers it.
  const transport::note& add(std::uint64_t caller, attempt_id id, std::string body, instant now) {
    auto& made = open_[++last_];
    made = {caller, {last_, id, std::move(body), {}}, now + patience};
    return made.what;
  }
  /// The caller who waits for this answer; nothing where nobody does.
  std::optional<std::uint64_t> answered(std::uint64_t number, attempt_id id) {
    const auto found = open_.find(number);
    if (found == open_.end() || found->second.what.id != id) return std::nullopt;
    return open_.extract(found).mapped().caller;
  }
  void hung_up(std::uint64_t caller) {
    std::erase_if(open_, [caller](const auto& one) { return one.second.caller == caller; });
  }
  /// All of them, with nobody waiting any more.
  std::vector<std::uint64_t> give_up() {
    std::vector<std::uint64_t> callers;
    for (const auto& [number, one] : open_) callers.push_back(one.caller);
    open_.clear();
    return callers;
  }
  /// Those that are to be sent again.
  std::vector<transport::note> due(instant now) {
    std::vector<transport::note> all;
    for (auto& [number, one] : open_) {
      if (one.again > now) continue;
      one.again = now + patience;
      all.push_back(one.what);
    }
    return all;
  }
  /// In a new session nothing of them has arrived.
  void all_due() {
    for (auto& [number, one] : open_) one.again = instant{};
  }
  [[nodiscard]] instant next_wakeup() const {
    instant next = never;
    for (const auto& [number, one] : open_) next = std::min(next, one.again);
    return next;
  }

 private:
  struct open_note {
    std::uint64_t caller = 0;
    transport::note what;
    instant again{};
  };
  std::map<std::uint64_t, open_note> open_;
  std::uint64_t last_ = 0;
};

}  // namespace fabric::actors

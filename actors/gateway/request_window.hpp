#pragma once

#include <cstddef>
#include <map>

#include "fabric/ids.hpp"
#include "fabric/instant.hpp"

namespace fabric::actors {

/// The requests of one session that are not answered yet. Credits bound them, so that what a peer
/// can make us hold is bounded too: its answers that wait, its questions on their way to a node.
class request_window {
 public:
  /// An answer that has to come from a node may never come; its place is free after this long.
  static constexpr duration forgotten_after = std::chrono::minutes{2};

  explicit request_window(std::size_t credits) : credits_(credits) {}

  /// False where the peer already has as many under way as it may. The same request again, which is
  /// a repetition, takes no second place.
  bool open(request_id which, instant now) {
    if (open_.size() >= credits_ && !open_.contains(which)) {
      std::erase_if(open_, [now](const auto& o) { return now - o.second >= forgotten_after; });
      if (open_.size() >= credits_) return false;
    }
    open_[which] = now;
    return true;
  }
  void answered(request_id which) { open_.erase(which); }

  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] std::size_t credits() const { return credits_; }

 private:
  std::size_t credits_;
  std::map<request_id, instant> open_;
};

}  // namespace fabric::actors

#pragma once

#include <optional>
#include <set>
#include <utility>

#include "fabric/instant.hpp"

namespace fabric::scheduler {

/// What waits for which instant. An id may be in here once for each instant.
template <class Id>
class timers {
 public:
  void add(instant when, Id id) { all_.emplace(when, id); }
  void remove(instant when, Id id) { all_.erase({when, id}); }
  [[nodiscard]] bool contains(instant when, Id id) const { return all_.contains({when, id}); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] instant next() const { return all_.empty() ? never : all_.begin()->first; }

  /// Takes out the first that is due, if any.
  std::optional<Id> take_due(instant now) {
    if (next() > now || all_.empty()) return std::nullopt;
    const Id id = all_.begin()->second;
    all_.erase(all_.begin());
    return id;
  }

 private:
  std::set<std::pair<instant, Id>> all_;
};

}  // namespace fabric::scheduler

#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "fabric/ids.hpp"

namespace fabric::scheduler {

/// Idempotency keys, for as long as their jobs are on record: which job a key made, and of what
/// content.
class key_index {
 public:
  struct use {
    job_id job;
    std::uint64_t content = 0;
  };

  void add(std::string key, use by) { uses_.try_emplace(std::move(key), by); }
  [[nodiscard]] const use* find(const std::string& key) const {
    const auto found = uses_.find(key);
    return found == uses_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::size_t size() const { return uses_.size(); }

 private:
  std::unordered_map<std::string, use> uses_;
};

}  // namespace fabric::scheduler

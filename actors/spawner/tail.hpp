#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace fabric::spawner {

/// The last `bytes_max` bytes of a stream. Takes no more memory than there were bytes.
class tail {
 public:
  explicit tail(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  void append(std::string_view bytes) {
    if (bytes.size() > bytes_max_) bytes.remove_prefix(bytes.size() - bytes_max_);
    const std::size_t grow = std::min(bytes.size(), bytes_max_ - ring_.size());
    ring_.append(bytes.substr(0, grow));
    bytes.remove_prefix(grow);
    while (!bytes.empty()) {
      const std::size_t n = std::min(bytes.size(), bytes_max_ - oldest_);
      ring_.replace(oldest_, n, bytes.substr(0, n));
      oldest_ = (oldest_ + n) % bytes_max_;
      bytes.remove_prefix(n);
    }
  }

  [[nodiscard]] std::string text() const {
    return ring_.substr(oldest_) + ring_.substr(0, oldest_);
  }

 private:
  std::size_t bytes_max_;
  std::size_t oldest_ = 0;  ///< 0 until the ring is full
  std::string ring_;
};

}  // namespace fabric::spawner

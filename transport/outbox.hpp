#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "transport/socket.hpp"

namespace fabric::transport {

/// What waits to be sent to one peer. Messages share frames, because encryption, system calls and
/// wake-ups cost per frame: as many as fit into a control frame; a larger one has its own.
class outbox {
 public:
  void add(std::string_view encoded_message);
  /// One that is too large to share a frame: nothing of it is copied.
  void add_alone(std::string encoded_message);
  /// Appends everything of `newer`.
  void take(outbox&& newer);

  [[nodiscard]] bool empty() const { return frames_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  /// Hands frames to `send` (std::string_view → sent) until one is not taken; the outcome of the
  /// last.
  sent flush(auto&& send) {
    while (!frames_.empty()) {
      const sent outcome = send(std::string_view{frames_.front().bytes});
      if (outcome != sent::done) return outcome;
      bytes_ -= frames_.front().bytes.size();
      frames_.pop_front();
    }
    return sent::done;
  }

 private:
  struct batch {
    std::string bytes;
    std::size_t messages = 0;
  };
  [[nodiscard]] bool fits_last(std::size_t bytes, std::size_t messages) const;

  std::deque<batch> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace fabric::transport

#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "transport/outbox.hpp"
#include "transport/poll_loop.hpp"

namespace fabric::transport {

/// What other threads want of the loop. However much comes in between two passes, the loop is woken
/// once.
class mailbox {
 public:
  struct content {
    std::vector<std::function<void()>> orders;
    std::map<connection_id, outbox> messages;
    std::vector<std::pair<connection_id, fault>> closes;  // to be carried out after the messages
    std::optional<std::vector<peer_identity>> admitted;   // and this after both: last words get out
    bool is_nudged = false;                               // since `hear_nudges`
  };

  mailbox();
  ~mailbox();
  mailbox(const mailbox&) = delete;
  mailbox& operator=(const mailbox&) = delete;

  /// False, and nothing is kept, after `shut`.
  bool order(std::function<void()> what);
  /// Where more than `bytes_max` would wait for this peer, it is closed instead. A large message is
  /// moved out of `encoded`.
  void message(connection_id to, std::string& encoded, std::size_t bytes_max);
  void close(connection_id which, fault why);
  void admit(std::vector<peer_identity> keys);

  /// Wakes the loop though nothing is in.
  void nudge();
  /// What nudges meant so far is about to be done.
  void hear_nudges();

  content take();
  /// Refuses all further orders; answers what was left.
  content shut();

  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  void wake();

  int descriptor_;  // an eventfd, readable while something is in
  std::mutex mutex_;
  content content_;
  bool awake_ = false;
  bool shut_ = false;
};

}  // namespace fabric::transport

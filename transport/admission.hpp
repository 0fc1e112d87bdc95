#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "transport/poll_loop.hpp"

namespace fabric::transport {

/// The keys that are admitted. A peer's user id, which libzmq attaches to all its messages, is the
/// lower-case hexadecimal form of its key.
class admission {
 public:
  void replace(std::vector<peer_identity> keys);

  /// Null where the key is not admitted.
  [[nodiscard]] const peer_identity* find(const std::string& user_id) const;

 private:
  std::unordered_map<std::string, peer_identity> by_user_id_;
};

/// Of a listener without keys: whoever claims a key is that key's owner.
peer_identity claimed_identity(std::string_view user_id);

}  // namespace fabric::transport

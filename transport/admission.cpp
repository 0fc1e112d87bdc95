#include "transport/admission.hpp"

#include <utility>

namespace fabric::transport {

void admission::replace(std::vector<peer_identity> keys) {
  by_user_id_.clear();
  for (auto& key : keys) {
    key.id = id_of_key(key.public_key);
    key.is_proven = true;
    std::string user_id = to_hex(key.public_key);
    by_user_id_.insert_or_assign(std::move(user_id), std::move(key));
  }
}

const peer_identity* admission::find(const std::string& user_id) const {
  const auto found = by_user_id_.find(user_id);
  return found == by_user_id_.end() ? nullptr : &found->second;
}

peer_identity claimed_identity(std::string_view user_id) {
  peer_identity who;
  who.public_key = from_hex(user_id, 32).value_or(std::string{});
  who.id = id_of_key(who.public_key);
  who.is_proven = false;
  return who;
}

}  // namespace fabric::transport

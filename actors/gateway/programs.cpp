#include "actors/gateway/programs.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/gateway/names.hpp"

namespace fabric::actors::programs {

namespace {

constexpr std::size_t public_key_bytes = 32;

bool is_admitted(const gateway_state& s, const std::string& public_key) {
  return std::ranges::any_of(s.how.admitted,
                             [&](const auto& known) { return known.public_key == public_key; });
}

void admit(gateway_state& s, const transport::program_description& lender) {
  const auto& key = lender.lent_key;
  const bool is_lent = s.lent_keys.contains(key);
  if (key.empty() || (is_admitted(s, key) && !is_lent)) return;
  s.lent_keys[key].insert(lender.id);
  if (is_lent) return;
  s.how.admitted.push_back({transport::role::client, key, transport::id_of_key(key)});
  s.loop->admit(s.how.admitted);
}

void revoke(gateway_state& s, const transport::relay::departure& lender) {
  const auto& lent_key = lender.lent_key;
  const auto found = s.lent_keys.find(lent_key);
  if (found == s.lent_keys.end()) return;
  found->second.erase(lender.program);
  if (!found->second.empty()) return;
  s.lent_keys.erase(found);
  std::erase_if(s.how.admitted, [&](const auto& known) { return known.public_key == lent_key; });
  s.loop->admit(s.how.admitted);
}

void end(gateway_state& s, const transport::relay::departure& what, events_of_turn& events) {
  spdlog::info("program {} is gone", to_string(what.program));
  revoke(s, what);
  names::gone(s, what.program);
  events.emplace_back(scheduler::event::owner_gone{what.program});
}

}  // namespace

result<void> enter(gateway_state& s, session& who, const transport::program_description& what) {
  if (who.peer.as != transport::role::client)
    return fault{fault_code::forbidden,
                 "a key of the role " + std::string{transport::name_of(who.peer.as)} +
                     " cannot connect as a program",
                 "use a client's key"};
  if (what.id == program_id{} ||
      (!what.lent_key.empty() && what.lent_key.size() != public_key_bytes) ||
      what.endpoint.empty() != what.endpoint_key.empty() ||
      (!what.endpoint_key.empty() && what.endpoint_key.size() != public_key_bytes))
    return fault{fault_code::bad_message, "the program describes itself wrongly", ""};
  auto known = s.how.parcels->joined(
      what.id,
      {.public_key = who.peer.public_key,
       .lent_key = what.lent_key,
       .endpoint = what.endpoint,
       .endpoint_key = what.endpoint_key},
      {.connection = who.connection, .session = who.id, .version = who.version});
  if (!known) return known;
  who.program = what.id;
  admit(s, what);
  return {};
}

void leave(gateway_state& s, session& who, events_of_turn& events) {
  if (who.program == program_id{}) return;
  if (const auto gone = s.how.parcels->retired(who.connection)) end(s, *gone, events);
}

void give_up_absent(gateway_state& s, events_of_turn& events) {
  for (const auto& gone : s.how.parcels->due()) end(s, gone, events);
}

}  // namespace fabric::actors::programs

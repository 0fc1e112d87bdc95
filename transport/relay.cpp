#include "transport/relay.hpp"

#include <utility>

namespace fabric::transport {

void relay::expect(program_id who, instant now) {
  auto& one = programs_[who];
  if (!one.where) one.gone_at = now + patience_;
}

result<void> relay::joined(program_id who, const std::string& public_key, route where,
                           std::string lent_key) {
  auto& one = programs_[who];
  if (!one.public_key.empty() && one.public_key != public_key)
    return fault{fault_code::forbidden,
                 "program " + to_string(who) + " is known here with another key",
                 "let the program choose an id of its own"};
  if (one.where) on_.erase(one.where->connection);
  one.public_key = public_key;
  one.lent_key = std::move(lent_key);
  one.where = where;
  one.gone_at = never;
  on_[where.connection] = who;
  return {};
}

void relay::left(connection_id connection, instant now) {
  const auto found = on_.find(connection);
  if (found == on_.end()) return;
  auto& one = programs_.at(found->second);
  one.where.reset();
  one.gone_at = now + patience_;
  on_.erase(found);
}

std::optional<relay::departure> relay::retired(connection_id connection) {
  const auto found = on_.find(connection);
  if (found == on_.end()) return std::nullopt;
  return remove(programs_.find(found->second));
}

std::vector<relay::departure> relay::due(instant now) {
  std::vector<departure> over;
  for (auto at = programs_.begin(); at != programs_.end();) {
    const auto next = std::next(at);
    if (at->second.gone_at <= now) over.push_back(remove(at));
    at = next;
  }
  return over;
}

relay::departure relay::remove(std::map<program_id, program>::iterator which) {
  auto& [id, one] = *which;
  departure what{id, std::move(one.lent_key), {}};
  for (program_id other : one.knows) {
    const auto found = programs_.find(other);
    if (found == programs_.end()) continue;
    found->second.knows.erase(id);
    if (found->second.where) what.witnesses.push_back(*found->second.where);
  }
  if (one.where) on_.erase(one.where->connection);
  programs_.erase(which);
  return what;
}

std::optional<program_id> relay::program_on(connection_id connection) const {
  const auto found = on_.find(connection);
  if (found == on_.end()) return std::nullopt;
  return found->second;
}

std::optional<relay::route> relay::route_of(program_id who) const {
  const auto found = programs_.find(who);
  return found == programs_.end() ? std::nullopt : found->second.where;
}

relay::verdict relay::pass(program_id from, program_id to, instant now) {
  const auto target = programs_.find(to);
  if (target == programs_.end()) {
    if (now < begun_at_) return later{};
    return gone{};
  }
  target->second.knows.insert(from);
  programs_.at(from).knows.insert(to);
  if (!target->second.where) return later{};
  return *target->second.where;
}

}  // namespace fabric::transport

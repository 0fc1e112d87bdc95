#include "transport/relay.hpp"

#include <utility>

namespace fabric::transport {

void relay::expect(program_id who, instant now) {
  auto& one = programs_[who];
  if (!one.where) one.gone_at = now + patience_;
}

result<void> relay::joined(program_id who, passport papers, route where) {
  auto& one = programs_[who];
  if (!one.papers.public_key.empty() && one.papers.public_key != papers.public_key)
    return fault{fault_code::forbidden,
                 "program " + to_string(who) + " is known here with another key",
                 "let the program choose an id of its own"};
  if (one.where) on_.erase(one.where->connection);
  one.papers = std::move(papers);
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
  departure what{id, std::move(one.papers.lent_key), {}};
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

std::optional<relay::introduction> relay::introduce(program_id asks, program_id to,
                                                    bool dialled_in_vain) const {
  const auto a = programs_.find(asks);
  const auto b = programs_.find(to);
  if (asks == to || a == programs_.end() || b == programs_.end()) return std::nullopt;
  if (!a->second.where || !b->second.where) return std::nullopt;
  const auto rank = [](const auto& one) { return std::pair(one->second.knows.size(), one->first); };
  const bool asker_dials = !dialled_in_vain && rank(a) < rank(b);
  auto dialler = asker_dials ? a : b;
  auto listener = asker_dials ? b : a;
  if (listener->second.papers.endpoint.empty()) {
    if (dialled_in_vain) return std::nullopt;
    std::swap(dialler, listener);
  }
  const auto& there = listener->second.papers;
  if (there.endpoint.empty()) return std::nullopt;
  return introduction{
      *dialler->second.where,
      {listener->first, there.endpoint, there.endpoint_key, {}},
      *listener->second.where,
      {dialler->first, {}, {}, dialler->second.papers.public_key},
  };
}

}  // namespace fabric::transport

#include "actors/program/peer_paths.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace fabric::actors {

namespace {

/// The other side may not have heard of our key yet.
constexpr int tries_max = 4;

/// The address that this machine's packets to there bear; empty where there is no way.
std::string own_address_towards(const std::string& endpoint) {
  if (!endpoint.starts_with("tcp://")) return {};
  const auto colon = endpoint.rfind(':');
  std::string host = endpoint.substr(6, colon - 6);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  addrinfo* found = nullptr;
  const addrinfo hints{.ai_flags = 0, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
  if (getaddrinfo(host.c_str(), endpoint.substr(colon + 1).c_str(), &hints, &found) != 0) return {};
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  bool is_known = false;
  const int fd = ::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd >= 0) {
    is_known = ::connect(fd, found->ai_addr, found->ai_addrlen) == 0 &&
               ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0;
    ::close(fd);
  }
  freeaddrinfo(found);
  char text[NI_MAXHOST];
  if (!is_known || ::getnameinfo(reinterpret_cast<sockaddr*>(&own), size, text, sizeof text,
                                 nullptr, 0, NI_NUMERICHOST) != 0)
    return {};
  return own.ss_family == AF_INET6 ? "[" + std::string{text} + "]" : std::string{text};
}

}  // namespace

peer_paths::peer_paths(transport::poll_loop& loop, link_router& router, program_id self,
                       transport::key_pair keys)
    : loop_(&loop), router_(&router), self_(self), keys_(std::move(keys)) {}

peer_paths::address peer_paths::open_listener(transport::poll_loop& loop,
                                              const std::string& head_endpoint) {
  const auto host = own_address_towards(head_endpoint);
  if (host.empty()) return {};
  auto keys = transport::make_key_pair();
  const std::string key = keys.public_key;
  auto bound = loop.listen({.endpoint = "tcp://" + host + ":*", .keys = std::move(keys)});
  if (!bound || !loop.prove_strangers_are_refused(*bound, key)) return {};
  return {*bound, key};
}

bool peer_paths::wants(program_id to, instant now) {
  if (paths_.contains(to) || paths_.size() >= paths_max) return false;
  auto& after = not_before_[to];
  if (now < after) return false;
  after = now + patience;
  return true;
}

void peer_paths::introduced(const transport::introduced& what, link_router::receiver owner) {
  if (what.endpoint.empty()) {
    auto& key = admitted_[what.program];
    if (std::exchange(key, what.peer_key) != what.peer_key) admit();
    return;
  }
  const bool is_under_way =
      paths_.contains(what.program) ||
      std::ranges::any_of(dialled_, [&](const auto& d) { return d.second.to == what.program; });
  if (is_under_way || paths_.size() + dialled_.size() >= paths_max) return;
  const auto id = router_->dial(
      *loop_, {.endpoint = what.endpoint, .server_public_key = what.endpoint_key, .keys = keys_},
      owner);
  dialled_[id] = {what.program, what, 1, std::move(owner)};
}

void peer_paths::admit() {
  std::vector<transport::peer_identity> keys;
  for (const auto& [who, key] : admitted_)
    keys.push_back({transport::role::client, key, transport::id_of_key(key)});
  loop_->admit(std::move(keys));
}

peer_paths::outcome peer_paths::take(std::vector<transport::link_event_type>& events, instant now) {
  outcome out;
  for (auto& event : events) {
    if (const auto* up = std::get_if<transport::link_event::opened>(&event))
      opened(up->connection, out);
    else if (auto* came = std::get_if<transport::link_event::arrived>(&event))
      arrived(*came, out);
    else if (const auto* down = std::get_if<transport::link_event::closed>(&event))
      closed(*down, out, now);
    else
      loop_->close(std::get<transport::link_event::malformed>(event).connection);
  }
  return out;
}

/// An empty parcel tells the other side who is there.
void peer_paths::opened(transport::connection_id connection, outcome& out) {
  const auto found = dialled_.find(connection);
  if (found == dialled_.end()) return;
  const program_id to = found->second.to;
  paths_[to] = connection;
  on_[connection] = to;
  if (!send({.to = to, .from = self_, .body = {}})) return loop_->close(connection);
  out.opened.push_back(to);
}

/// What somebody says who is not who he was introduced as is not heard.
void peer_paths::arrived(transport::link_event::arrived& what, outcome& out) {
  for (auto& one : what.messages) {
    auto* envelope = std::get_if<transport::envelope>(&one);
    auto* parcel = envelope == nullptr ? nullptr : std::get_if<transport::parcel>(&envelope->body);
    if (parcel == nullptr || parcel->to != self_) continue;
    auto known = on_.find(what.connection);
    if (known == on_.end()) {
      const auto host = admitted_.find(parcel->from);
      if (host == admitted_.end() || host->second != what.from.public_key)
        return loop_->close(what.connection);
      known = on_.emplace(what.connection, parcel->from).first;
      paths_[parcel->from] = what.connection;
      out.opened.push_back(parcel->from);
    }
    if (parcel->from != known->second) return loop_->close(what.connection);
    if (!parcel->body.empty()) out.parcels.push_back(std::move(*parcel));
  }
}

void peer_paths::closed(const transport::link_event::closed& what, outcome& out, instant now) {
  const auto place = dialled_.find(what.connection);
  std::optional<dialled> was;
  if (place != dialled_.end()) {
    was = std::move(place->second);
    dialled_.erase(place);
  }
  const auto known = on_.find(what.connection);
  if (known == on_.end()) {
    if (!was) return;
    if (what.why.code == fault_code::auth_failed && was->tries < tries_max) {
      const auto id = router_->dial(*loop_,
                                    {.endpoint = was->how.endpoint,
                                     .server_public_key = was->how.endpoint_key,
                                     .keys = keys_},
                                    was->owner);
      ++was->tries;
      dialled_[id] = std::move(*was);
    } else {
      out.in_vain.push_back(was->to);
    }
    return;
  }
  const program_id who = known->second;
  on_.erase(known);
  const auto path = paths_.find(who);
  if (path == paths_.end() || path->second != what.connection) return;
  paths_.erase(path);
  not_before_[who] = now + patience;
  out.lost.push_back(who);
}

result<void> peer_paths::send(const transport::parcel& what) {
  return loop_->send(paths_.at(what.to), {}, what);
}

void peer_paths::drop(program_id to, instant now) {
  const auto path = paths_.find(to);
  if (path == paths_.end()) return;
  on_.erase(path->second);
  dialled_.erase(path->second);
  loop_->close(path->second);
  paths_.erase(path);
  not_before_[to] = now + patience;
}

void peer_paths::forget(program_id who) {
  drop(who, instant{});
  not_before_.erase(who);
  if (admitted_.erase(who) != 0) admit();
}

}  // namespace fabric::actors

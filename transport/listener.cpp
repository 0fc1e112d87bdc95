#include "transport/listener.hpp"

#include <algorithm>

#include "transport/socket_options.hpp"

namespace fabric::transport {

namespace {

/// Frames taken in one pass, so that a flood does not keep the loop from everything else.
constexpr int frames_per_pass = 20'000;

/// What was sent before a close has this long to leave before the connection is cut.
constexpr std::chrono::milliseconds last_words{300};

/// After that the peer is forgotten even if libzmq never said that it left.
constexpr std::chrono::seconds forget_after{10};

}  // namespace

result<std::unique_ptr<listener>> listener::open(const context& in, const listen_options& where,
                                                 const loop_options& limits,
                                                 const admission& admitted) {
  auto made = listener_socket(in, where, limits.frame_bytes_max);
  if (!made) return made.error();
  auto watching = monitor::attach(in, *made, ZMQ_EVENT_DISCONNECTED);
  if (!watching) return watching.error();
  if (auto bound = made->bind(where.endpoint); !bound) return bound.error();
  std::unique_ptr<listener> l(new listener(admitted, limits));
  l->socket_ = std::move(*made);
  l->monitor_ = std::move(*watching);
  l->insecure_ = where.insecure;
  return l;
}

void listener::watch(std::vector<socket*>& sockets) {
  sockets.push_back(&socket_);
  sockets.push_back(&monitor_.events());
}

/// Departures are taken first and dealt with last, so that what a peer said before it left is heard
/// first. Newcomers wait for the ZAP reply, which comes after: until then nobody new can have the
/// descriptor of one who left.
void listener::read(steady::time_point now, happenings& told) {
  now_ = now;
  std::vector<monitor_event> departures;
  monitor_.drain(departures);
  frame routing_id;
  frame content;
  for (int n = 0; n < frames_per_pass && socket_.receive(routing_id); ++n) {
    if (!routing_id.has_more() || !socket_.receive(content)) continue;
    take_frame(routing_id, content, told);
    while (content.has_more() && socket_.receive(content)) {
    }
  }
  for (const auto& event : departures) forget_descriptor(static_cast<int>(event.value), told);
}

void listener::take_frame(const frame& routing_id, frame& content, happenings& told) {
  const auto peer = peer_of(routing_id.text(), content, told);
  if (peer == peers_.end() || peer->second.closing) return;
  if (content.has_more())
    told.push_back(link_event::malformed{
        peer->first, peer->second.who,
        fault{fault_code::bad_message, "a message has more than one frame", ""}});
  else
    tell_frame(peer->first, peer->second.who, content.bytes(), told);
}

listener::peer_map::iterator listener::peer_of(std::string_view routing_id, const frame& content,
                                               happenings& told) {
  const auto known = by_routing_id_.find(std::string{routing_id});
  if (known == by_routing_id_.end()) return add(routing_id, content);
  const auto peer = peers_.find(known->second);
  if (peer->second.user_id == content.property("User-Id")) return peer;
  end(peer, peer_left(), told);
  return add(routing_id, content);
}

listener::peer_map::iterator listener::add(std::string_view routing_id, const frame& content) {
  peer p;
  p.routing_id = routing_id;
  p.user_id = content.property("User-Id");
  p.address = peer_address(content.descriptor());
  if (insecure_) {
    p.who = claimed_identity(p.user_id);
  } else if (const auto* who = admitted_.find(p.user_id)) {
    p.who = *who;
  } else {
    p.address.cut();  // revoked between its handshake and its first message
    return peers_.end();
  }
  const connection_id id = fresh_connection();
  by_routing_id_.emplace(p.routing_id, id);
  by_descriptor_.emplace(p.address.descriptor(), id);
  return peers_.emplace(id, std::move(p)).first;
}

void listener::forget_descriptor(int descriptor, happenings& told) {
  const auto oldest = by_descriptor_.find(descriptor);
  if (oldest == by_descriptor_.end()) return;
  end(peers_.find(oldest->second), peer_left(), told);
}

void listener::end(peer_map::iterator which, fault why, happenings& told) {
  if (!which->second.closing) told.push_back(link_event::closed{which->first, std::move(why)});
  erase(which);
}

void listener::erase(peer_map::iterator which) {
  const auto [first, last] = by_descriptor_.equal_range(which->second.address.descriptor());
  const auto mine =
      std::find_if(first, last, [&](const auto& entry) { return entry.second == which->first; });
  if (mine != last) by_descriptor_.erase(mine);
  const auto route = by_routing_id_.find(which->second.routing_id);
  if (route != by_routing_id_.end() && route->second == which->first) by_routing_id_.erase(route);
  unsent_.erase(which->first);
  closing_.erase(which->first);
  peers_.erase(which);
}

void listener::queue(connection_id to, outbox&& messages) {
  const auto peer = peers_.find(to);
  if (peer == peers_.end() || peer->second.closing) return;
  peer->second.out.take(std::move(messages));
  unsent_.insert(to);
}

void listener::close(connection_id which, fault why, happenings& told) {
  const auto peer = peers_.find(which);
  if (peer == peers_.end() || peer->second.closing) return;
  told.push_back(link_event::closed{which, std::move(why)});
  peer->second.closing = true;
  closing_.emplace(which, now_ + last_words);
}

void listener::recheck(const admission& admitted, happenings& told) {
  if (insecure_) return;
  for (auto it = peers_.begin(); it != peers_.end(); ++it) {
    const auto* who = admitted.find(it->second.user_id);
    if (who != nullptr && who->as == it->second.who.as) continue;
    if (it->second.closing) continue;  // is not heard, and cut after its last words
    it->second.address.cut();
    told.push_back(link_event::closed{it->first, key_revoked()});
    it->second.closing = true;
    it->second.out = {};
    closing_.emplace(it->first, now_);
  }
}

void listener::write(steady::time_point now, happenings& told) {
  const auto waiting = unsent_;  // flushing may end a peer
  for (const connection_id id : waiting) flush(peers_.find(id), told);
  for (auto it = closing_.begin(); it != closing_.end();) {
    const auto peer = peers_.find(it->first);
    if (now < it->second) {
      ++it;
    } else if (now < it->second + forget_after) {
      peer->second.address.cut();
      ++it;
    } else {
      ++it;
      erase(peer);
    }
  }
}

void listener::flush(peer_map::iterator which, happenings& told) {
  peer& p = which->second;
  const sent outcome = p.out.flush([&](std::string_view bytes) {
    const sent addressed = socket_.send(p.routing_id, parts::more);
    return addressed == sent::done ? socket_.send(bytes) : addressed;
  });
  if (outcome == sent::done) {
    unsent_.erase(which->first);
  } else if (outcome == sent::gone) {
    end(which, peer_left(), told);
  } else if (p.out.bytes() > limits_.outbox_bytes_max) {
    p.address.cut();
    end(which, too_slow(p.out.bytes()), told);
  }
}

void listener::linger(std::chrono::milliseconds at_most) {
  static_cast<void>(socket_.set(zmq::sockopt::linger, static_cast<int>(at_most.count())));
}

std::optional<steady::time_point> listener::wakeup() const {
  std::optional<steady::time_point> next;
  const auto sooner = [&](steady::time_point t) { next = next ? std::min(*next, t) : t; };
  if (!unsent_.empty()) sooner(now_ + retry_full_queue);
  for (const auto& [id, at] : closing_) sooner(at > now_ ? at : now_ + last_words);
  return next;
}

}  // namespace fabric::transport

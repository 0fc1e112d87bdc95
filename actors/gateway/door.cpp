#include "actors/gateway/door.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/clock.hpp"
#include "actors/convert.hpp"
#include "actors/gateway/names.hpp"
#include "actors/gateway/programs.hpp"

namespace fabric::actors::door {

namespace {

using transport::connection_id;
using transport::role;

constexpr std::size_t public_key_bytes = 32;

/// What keeps this peer from a session, for now or for good.
result<transport::agreement> agree_with(gateway_state& s, const transport::peer_identity& from,
                                        const transport::hello& hello) {
  if (from.as == role::joiner)
    return fault{fault_code::forbidden, "a joining key may only join", ""};
  auto agreed = transport::agree(s.how.who, hello);
  if (!agreed) {
    spdlog::warn("refused {} {}: {}", transport::name_of(from.as), to_string(from.id),
                 to_line(agreed.error()));
    return agreed;
  }
  if ((from.as == role::worker) != hello.node.has_value())
    return fault{fault_code::forbidden,
                 std::string{"a "} + std::string{transport::name_of(from.as)} +
                     " key cannot connect as " + (hello.node ? "a worker" : "a client"),
                 "use the key that was made for it"};
  return agreed;
}

/// Why this key may not join again, where somebody has revoked it.
std::optional<fault> was_revoked(store::head_store& rows, const std::string& public_key) {
  const auto all = rows.keys();
  if (!all) return all.error();
  const bool is_revoked = std::ranges::any_of(
      *all, [&](const auto& key) { return key.revoked && key.public_key == public_key; });
  if (!is_revoked) return std::nullopt;
  return fault{fault_code::forbidden, "the key of this machine was revoked",
               "if it may join again, give it a new --state-dir"};
}

/// How long this peer is to stay away; 0 where it may come in now.
duration wait_for(gateway_state& s, const transport::peer_identity& from) {
  const duration out = s.peers.kept_out(from.id, now());
  return out > duration{0} ? out : s.greetings.take(now());
}

}  // namespace

std::optional<session> forget(gateway_state& s, connection_id connection) {
  auto gone = s.sessions.close(connection);
  if (!gone) return gone;
  if (gone->program != program_id{}) s.how.parcels->left(connection);
  s.watching.forget(gone->id);
  s.reads.forget(gone->id);
  names::forget(s, gone->id);
  for (const auto& reader : s.reads.lost(gone->id))
    s.out.send(reader.session, transport::failed{reader.request,
                                                 {fault_code::unreachable,
                                                  "the session of " + s.out.describe(gone->peer) +
                                                      ", where the output lies, has ended",
                                                  "try again when the node is back"}});
  std::erase_if(s.wants_watch, [&](const auto& asked) { return asked.session == gone->id; });
  return gone;
}

void greet(gateway_state& s, connection_id connection, const transport::peer_identity& from,
           const transport::hello& hello, events_of_turn& events) {
  if (const duration wait = wait_for(s, from); wait > duration{0}) {
    const fault why{fault_code::busy, "too much comes from this key, or from all peers, for now",
                    "the dialler tries again by itself"};
    return s.out.refuse(connection, why, wait);
  }
  auto agreed = agree_with(s, from, hello);
  if (!agreed) return s.out.refuse(connection, std::move(agreed.error()));
  if (s.sessions.of(connection) != nullptr) lose(s, connection, events);
  auto& fresh = s.sessions.open(connection, from, now());
  fresh.software = hello.software;
  fresh.version = agreed->version;
  fresh.features = std::move(agreed->features);
  if (hello.program) {
    if (auto known = programs::enter(s, fresh, *hello.program); !known) {
      forget(s, connection);
      return s.out.refuse(connection, std::move(known.error()));
    }
  }
  if (from.as != role::worker) {
    s.out.send(fresh,
               convert::welcome(terms_for(s, fresh),
                                {.node = from.id, .session = fresh.id, .lease = s.how.lease}));
    return;
  }
  auto joined = convert::node_joined(from.id, fresh.id, hello);
  if (!joined) {
    forget(s, connection);
    return s.out.refuse(connection, std::move(joined.error()));
  }
  s.out.learn_name(from.id, hello.node->name);
  events.emplace_back(std::move(*joined));
}

void admit(gateway_state& s, const gateway_actor& me, connection_id connection,
           const transport::peer_identity& from, const transport::join& what) {
  if (from.as != role::joiner)
    return s.out.refuse(connection,
                        {fault_code::forbidden, "only a join token's key may join", ""});
  if (what.public_key.size() != public_key_bytes)
    return s.out.refuse(connection, {fault_code::bad_message, "a public key has 32 bytes", ""});
  caf::anon_send(
      s.store, store_job{[connection, what, me](store::head_store& rows) {
        std::optional<fault> failed = was_revoked(rows, what.public_key);
        if (!failed) {
          auto done = rows.admit({what.public_key, role::worker, what.name, wall_ms(), false});
          if (!done) failed = done.error();
        }
        caf::anon_send(me, key_admitted{connection, what.public_key, std::move(failed)});
      }});
}

void finish_join(gateway_state& s, key_admitted& what) {
  if (what.failed)
    return s.out.send(what.connection, transport::failed{{}, std::move(*what.failed)});
  const transport::peer_identity fresh{role::worker, what.public_key,
                                       transport::id_of_key(what.public_key)};
  s.how.admitted.push_back(fresh);
  s.loop->admit(s.how.admitted);
  s.out.send(what.connection, transport::joined{fresh.id, s.how.who.cluster});
  spdlog::info("audit: admitted worker key {}", to_string(fresh.id));
}

void misbehaved(gateway_state& s, const transport::link_event::malformed& what,
                events_of_turn& events) {
  spdlog::warn("bad frame from {} {}: {}", transport::name_of(what.from.as),
               to_string(what.from.id), to_line(what.why));
  s.out.send(what.connection, transport::nack{0, 0, what.why});
  if (s.peers.sent_bad_frame(what.from.id, now()) == conduct::verdict::tell) return;
  spdlog::warn("{} is cut off for {} s: its frames cannot be read", s.out.describe(what.from),
               std::chrono::duration_cast<std::chrono::seconds>(conduct::kept_out_for).count());
  lose(s, what.connection, events);
  s.out.close(what.connection);
}

void lose(gateway_state& s, connection_id connection, events_of_turn& events) {
  const auto gone = forget(s, connection);
  if (gone && gone->peer.as == role::worker)
    events.emplace_back(scheduler::event::session_lost{gone->peer.id, gone->id});
}

void leave(gateway_state& s, session& who, events_of_turn& events) {
  const auto connection = who.connection;
  programs::leave(s, who, events);
  forget(s, connection);
  s.out.close(connection);
}

void close_silent(gateway_state& s, events_of_turn& events) {
  for (connection_id connection : s.sessions.silent(now())) {
    if (const auto* gone = s.sessions.of(connection))
      spdlog::info("session {} of {} is silent; closed", gone->id.value,
                   s.out.describe(gone->peer));
    lose(s, connection, events);
    s.out.close(connection);
  }
}

void drop_all(gateway_state& s, const fault& why) {
  spdlog::warn("every session starts anew: {}", to_line(why));
  for (connection_id connection : s.sessions.connections()) {
    s.out.send(connection, transport::unknown_session{});
    forget(s, connection);
  }
}

}  // namespace fabric::actors::door

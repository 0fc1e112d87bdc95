#include "actors/gateway/keys.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "actors/clock.hpp"
#include "actors/gateway/door.hpp"
#include "actors/gateway/programs.hpp"
#include "actors/inspect/json_views.hpp"

namespace fabric::actors::keys {

namespace {

using nlohmann::json;
using scheduler::event::asker;
using transport::role;

/// What the keys are called that programs had admitted for what is to outlive them.
constexpr std::string_view lasting_key_name = "detached";
constexpr std::size_t public_key_bytes = 32;
constexpr std::size_t name_bytes_max = 64;

/// The arguments of a question; a missing field is empty.
std::string argument(const transport::ask& what, const char* field) {
  const auto all = json::parse(what.arguments, nullptr, false);
  if (!all.is_object()) return {};
  const auto found = all.find(field);
  return found != all.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string id_of(const store::admitted_key& key) {
  return to_string(transport::id_of_key(key.public_key));
}

void let_in(gateway_state& s, role as, const std::string& key) {
  const bool is_known = std::ranges::any_of(
      s.how.admitted, [&](const auto& known) { return known.public_key == key; });
  if (is_known) return;
  s.how.admitted.push_back({as, key, transport::id_of_key(key)});
  s.loop->admit(s.how.admitted);
}

/// A program has a key admitted as a client's, for good: of work that outlives it. It is admitted
/// once it is stored.
void admit_lasting(gateway_state& s, const gateway_actor& me, const session& who,
                   const transport::ask& what) {
  const auto key = transport::from_hex(argument(what, "key"), public_key_bytes);
  if (!key || who.program == program_id{})
    return s.out.send(who.id, transport::failed{what.request,
                                                {fault_code::usage,
                                                 "only a program may have a key admitted, which "
                                                 "has 32 bytes in hexadecimal",
                                                 ""}});
  caf::anon_send(
      s.store,
      store_job{[to = asker{who.id, what.request}, me,
                 key = store::admitted_key{*key, role::client, std::string{lasting_key_name},
                                           wall_ms(), false}](store::head_store& rows) {
        if (auto done = rows.admit(key); !done)
          return caf::anon_send(me, reply{to, "", done.error()});
        caf::anon_send(me, key_made{to, key.as, key.public_key});
      }});
}

/// Such a key's own session does not need it any more.
void revoke_lasting(gateway_state& s, const gateway_actor& me, const session& who,
                    const transport::ask& what) {
  caf::anon_send(
      s.store, store_job{[to = asker{who.id, what.request}, key = who.peer.public_key,
                          me](store::head_store& rows) {
        std::optional<fault> failed;
        const auto all = rows.keys();
        const bool is_lasting = all && std::ranges::any_of(*all, [&](const auto& one) {
                                  return one.public_key == key && one.name == lasting_key_name;
                                });
        if (!is_lasting) {
          failed = fault{fault_code::forbidden, "this key was not admitted by a program", ""};
        } else if (auto done = rows.revoke(key); !done) {
          failed = std::move(done.error());
        }
        caf::anon_send(me, reply{to, "{}", std::move(failed)});
      }});
}

/// It has the head keep its state, in place of the last one, or asks for it.
void keep_state(gateway_state& s, const gateway_actor& me, const session& who,
                const transport::ask& what) {
  const auto text = argument(what, "state");
  auto state = transport::from_hex(text, text.size() / 2);
  caf::anon_send(s.store, store_job{[asker = asker{who.id, what.request}, key = who.peer.public_key,
                                     state = std::move(state), me](store::head_store& rows) {
                   std::optional<fault> failed;
                   if (!state)
                     failed = state.error();
                   else if (auto done = rows.keep_state(key, *state); !done)
                     failed = std::move(done.error());
                   caf::anon_send(me, reply{asker, "{}", std::move(failed)});
                 }});
}

void tell_state(gateway_state& s, const gateway_actor& me, const session& who,
                const transport::ask& what) {
  caf::anon_send(s.store, store_job{[asker = asker{who.id, what.request}, key = who.peer.public_key,
                                     me](store::head_store& rows) {
                   auto kept = rows.kept_state(key);
                   if (!kept) return caf::anon_send(me, reply{asker, "", kept.error()});
                   json answer = json::object();
                   if (*kept) answer["state"] = transport::to_hex(**kept);
                   caf::anon_send(me, reply{asker, answer.dump(), std::nullopt});
                 }});
}

/// A key for another person or program, or one that may only read.
void add(gateway_state& s, const gateway_actor& me, const session& who,
         const transport::ask& what) {
  const auto refuse = [&](std::string why, std::string remedy) {
    s.out.send(who.id, transport::failed{what.request,
                                         {fault_code::usage, std::move(why), std::move(remedy)}});
  };
  const auto key = transport::from_hex(argument(what, "key"), public_key_bytes);
  if (!key) return refuse("a public key has 32 bytes in hexadecimal", "");
  const auto name = argument(what, "name");
  if (name.empty() || name.size() > name_bytes_max)
    return refuse("a key's name has 1 to 64 bytes", "name it after who gets it");
  const auto as = argument(what, "role");
  if (as != "client" && as != "observer")
    return refuse("a key is made for a client or an observer, not for '" + as + "'",
                  "nodes make their own and join with the token");
  caf::anon_send(
      s.store,
      store_job{[to = asker{who.id, what.request}, name, me,
                 key = store::admitted_key{*key, as == "client" ? role::client : role::observer,
                                           name, wall_ms(), false}](store::head_store& rows) {
        auto all = rows.keys();
        if (!all) return caf::anon_send(me, reply{to, "", all.error()});
        if (std::ranges::any_of(
                *all, [&](const auto& known) { return !known.revoked && known.name == name; }))
          return caf::anon_send(me, reply{to, "",
                                          fault{fault_code::usage, "there is a key named " + name,
                                                "choose another name, or revoke that one first"}});
        if (auto done = rows.admit(key); !done)
          return caf::anon_send(me, reply{to, "", done.error()});
        caf::anon_send(me, key_made{to, key.as, key.public_key});
      }});
}

void list(gateway_state& s, const gateway_actor& me, const session& who,
          const transport::ask& what) {
  std::map<std::string, int> sessions;
  for (const auto connection : s.sessions.connections())
    if (const auto* one = s.sessions.of(connection)) ++sessions[one->peer.public_key];
  caf::anon_send(
      s.store, store_job{[to = asker{who.id, what.request}, sessions, me](store::head_store& rows) {
        auto all = rows.keys();
        if (!all) return caf::anon_send(me, reply{to, "", all.error()});
        json listed = json::array();
        for (const auto& key : *all) {
          const auto open = sessions.find(key.public_key);
          listed.push_back(
              {{"id", id_of(key)},
               {"role", transport::name_of(key.as)},
               {"name", key.name},
               {"since", key.since_ms == 0 ? json{} : json(inspect::time_of(key.since_ms))},
               {"revoked", key.revoked},
               {"sessions", open == sessions.end() ? 0 : open->second}});
        }
        caf::anon_send(me, reply{to, json{{"keys", std::move(listed)}}.dump(), {}});
      }});
}

/// The one admitted key that `text` names by its id, or by its name where no other has it.
result<store::admitted_key> key_named(const std::vector<store::admitted_key>& all,
                                      const std::string& text) {
  std::vector<store::admitted_key> found;
  for (const auto& key : all)
    if (!key.revoked && (id_of(key) == text || key.name == text)) found.push_back(key);
  if (found.size() == 1) return found.front();
  if (found.empty())
    return fault{fault_code::not_found, "no key that is admitted is named " + text,
                 "`fabricd key list` shows them"};
  return fault{fault_code::usage, std::to_string(found.size()) + " keys are named " + text,
               "give the id of the one that is meant; `fabricd key list` shows them"};
}

void revoke(gateway_state& s, const gateway_actor& me, const session& who,
            const transport::ask& what) {
  caf::anon_send(
      s.store,
      store_job{[to = asker{who.id, what.request}, text = argument(what, "key"),
                 own = s.how.own_keys, asking = who.peer.public_key, me](store::head_store& rows) {
        const auto refuse = [&](fault why) { caf::anon_send(me, reply{to, "", std::move(why)}); };
        auto all = rows.keys();
        if (!all) return refuse(all.error());
        auto key = key_named(*all, text);
        if (!key) return refuse(key.error());
        if (std::ranges::find(own, key->public_key) != own.end())
          return refuse({fault_code::usage, "the key " + text + " is the head's own",
                         "stop the head instead"});
        if (key->public_key == asking)
          return refuse({fault_code::usage, "the key " + text + " is the one that asks for this",
                         "ask with another client's key (`fabricd key new` makes one)"});
        if (auto done = rows.revoke(key->public_key); !done) return refuse(done.error());
        caf::anon_send(me, key_revoked{to, key->as, key->public_key, key->name});
      }});
}

}  // namespace

bool hear(gateway_state& s, const gateway_actor& me, const session& who,
          const transport::ask& what) {
  using handler =
      void (*)(gateway_state&, const gateway_actor&, const session&, const transport::ask&);
  static const std::map<std::string_view, handler> handlers = {
      {"admit", admit_lasting}, {"revoke", revoke_lasting}, {"keep", keep_state},
      {"kept", tell_state},     {"key new", add},           {"key list", list},
      {"key revoke", revoke}};
  const auto found = handlers.find(what.topic);
  if (found == handlers.end()) return false;
  if (what.topic.starts_with("key ") && what.topic != "key list")
    spdlog::info("audit: {} {} by {}", what.topic,
                 argument(what, what.topic == "key new" ? "name" : "key"), to_string(who.peer.id));
  found->second(s, me, who, what);
  return true;
}

void finish_making(gateway_state& s, const key_made& what) {
  let_in(s, what.as, what.public_key);
  s.out.send(
      what.to.session,
      transport::answer{what.to.request,
                        json{{"id", to_string(transport::id_of_key(what.public_key))}}.dump()});
}

void finish_revoking(gateway_state& s, const key_revoked& what, events_of_turn& events) {
  const auto id = to_string(transport::id_of_key(what.public_key));
  const fault why{fault_code::forbidden, "the key " + id + " (" + what.name + ") was revoked",
                  what.as == role::worker ? "join anew with a token and another state directory"
                                          : "get a new cluster file"};
  std::erase_if(s.how.admitted,
                [&](const auto& known) { return known.public_key == what.public_key; });
  for (const auto connection : s.sessions.connections()) {
    auto* one = s.sessions.of(connection);
    if (one == nullptr || one->peer.public_key != what.public_key) continue;
    programs::leave(s, *one, events);
    door::lose(s, connection, events);
    s.out.refuse(connection, why);
    s.out.close(connection);
  }
  s.loop->admit(s.how.admitted);
  spdlog::info("audit: the {} key {} ({}) is revoked", transport::name_of(what.as), id, what.name);
  s.out.send(what.to.session,
             transport::answer{what.to.request, json{{"id", id}, {"name", what.name}}.dump()});
}

}  // namespace fabric::actors::keys

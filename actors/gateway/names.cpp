#include "actors/gateway/names.hpp"

#include <algorithm>

#include "actors/clock.hpp"

namespace fabric::actors::names {

namespace {

constexpr std::size_t name_bytes_max = 256;
constexpr std::size_t target_bytes_max = 4096;
constexpr duration wait_max = std::chrono::hours{1};

void deliver(gateway_state& s, name_book::answers what) {
  for (auto& [who, outcome] : what) {
    if (outcome)
      s.out.send(who.session, transport::name_found{who.request, outcome->holder, outcome->target});
    else
      s.out.send(who.session, transport::failed{who.request, std::move(outcome.error())});
  }
}

result<void> check(const session& who, const std::string& name_space, const std::string& name,
                   std::size_t target_bytes) {
  if (who.program == program_id{})
    return fault{fault_code::forbidden, "only programs that use the library hold names", ""};
  if (name.empty() || name.size() > name_bytes_max || name_space.size() > name_bytes_max)
    return fault{fault_code::usage,
                 "a name has 1 to " + std::to_string(name_bytes_max) +
                     " bytes, and its namespace " + "at most as many",
                 "choose another"};
  if (target_bytes > target_bytes_max)
    return fault{
        fault_code::too_large,
        "what stands behind a name has at most " + std::to_string(target_bytes_max) + " bytes", ""};
  return {};
}

void claim(gateway_state& s, const session& who, const transport::name_claim& what) {
  if (auto fine = check(who, what.name_space, what.name, what.target.size()); !fine) {
    s.out.send(who.id, transport::failed{what.request, std::move(fine.error())});
    return;
  }
  deliver(s, s.names.claim({who.id, what.request}, {what.name_space, what.name},
                           {who.program, what.target}, what.is_again, now()));
}

}  // namespace

bool hear(gateway_state& s, session& who, const transport::message& body) {
  if (const auto* claimed = std::get_if<transport::name_claim>(&body)) {
    claim(s, who, *claimed);
  } else if (const auto* released = std::get_if<transport::name_release>(&body)) {
    s.names.release({released->name_space, released->name}, who.program);
    s.out.send(who, transport::answer{released->request, "{}"});
  } else if (const auto* wanted = std::get_if<transport::name_find>(&body)) {
    deliver(s, s.names.find({who.id, wanted->request}, {wanted->name_space, wanted->name},
                            now() + std::min(wanted->wait, wait_max), now()));
  } else {
    return false;
  }
  return true;
}

void gone(gateway_state& s, program_id who) { s.names.gone(who); }
void forget(gateway_state& s, session_id who) { s.names.forget(who); }
void tick(gateway_state& s) { deliver(s, s.names.due(now())); }

}  // namespace fabric::actors::names

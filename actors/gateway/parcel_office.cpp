#include "actors/gateway/parcel_office.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/clock.hpp"

namespace fabric::actors {

using transport::relay;

parcel_office::parcel_office(transport::poll_loop& loop, std::uint64_t epoch, duration patience,
                             const std::vector<program_id>& expected)
    : loop_(&loop), epoch_(epoch), programs_(patience, now()) {
  for (program_id who : expected) programs_.expect(who, now());
}

void parcel_office::take(std::vector<transport::link_event_type>& events) {
  const auto is_ours = [](const transport::received& one) {
    const auto* envelope = std::get_if<transport::envelope>(&one);
    return envelope != nullptr && (std::holds_alternative<transport::parcel>(envelope->body) ||
                                   std::holds_alternative<transport::introduce>(envelope->body));
  };
  for (auto& event : events) {
    auto* arrived = std::get_if<transport::link_event::arrived>(&event);
    if (arrived == nullptr || arrived->from.as != transport::role::client) continue;
    const auto ours = std::ranges::stable_partition(arrived->messages, std::not_fn(is_ours));
    if (ours.empty()) continue;
    {
      const std::scoped_lock lock(guard_);
      for (auto& one : ours) {
        auto& body = std::get<transport::envelope>(one).body;
        if (auto* parcel = std::get_if<transport::parcel>(&body))
          pass(arrived->connection, *parcel);
        else
          introduce(arrived->connection, std::get<transport::introduce>(body));
      }
    }
    arrived->messages.erase(ours.begin(), ours.end());
  }
  std::erase_if(events, [](const transport::link_event_type& event) {
    const auto* arrived = std::get_if<transport::link_event::arrived>(&event);
    return arrived != nullptr && arrived->messages.empty();
  });
}

/// A parcel of a peer that is no program has no return address, and is dropped.
void parcel_office::pass(transport::connection_id from, transport::parcel& what) {
  const auto sender = programs_.program_on(from);
  if (!sender) return;
  what.from = *sender;
  const auto verdict = programs_.pass(*sender, what.to, now());
  if (const auto* route = std::get_if<relay::route>(&verdict)) {
    say(*route, transport::message{std::move(what)});
  } else if (std::holds_alternative<relay::gone>(verdict)) {
    say(*programs_.route_of(*sender), transport::program_gone{what.to});
  }
}

void parcel_office::introduce(transport::connection_id from, const transport::introduce& what) {
  const auto sender = programs_.program_on(from);
  if (!sender) return;
  const auto made = programs_.introduce(*sender, what.to, what.dialled_in_vain);
  if (!made) return;
  say(made->listener, made->to_listener);  // first: it is to admit the other's key
  say(made->dialler, made->to_dialler);
}

void parcel_office::say(const relay::route& to, const transport::message& body) {
  const transport::header head{.version = to.version, .session = to.session, .epoch = epoch_};
  if (auto sent = loop_->send(to.connection, head, body); !sent)
    spdlog::warn("a parcel was not passed on: {}", to_line(sent.error()));
}

void parcel_office::tell(const relay::departure& what) {
  for (const auto& witness : what.witnesses) say(witness, transport::program_gone{what.program});
}

result<void> parcel_office::joined(program_id who, relay::passport papers, relay::route where) {
  const std::scoped_lock lock(guard_);
  return programs_.joined(who, std::move(papers), where);
}

std::optional<session_id> parcel_office::session_of(program_id who) {
  const std::scoped_lock lock(guard_);
  const auto route = programs_.route_of(who);
  return route ? std::optional{route->session} : std::nullopt;
}

void parcel_office::left(transport::connection_id connection) {
  const std::scoped_lock lock(guard_);
  programs_.left(connection, now());
}

std::vector<relay::departure> parcel_office::due() {
  const std::scoped_lock lock(guard_);
  auto over = programs_.due(now());
  for (const auto& one : over) tell(one);
  return over;
}

std::optional<relay::departure> parcel_office::retired(transport::connection_id connection) {
  const std::scoped_lock lock(guard_);
  auto over = programs_.retired(connection);
  if (over) tell(*over);
  return over;
}

}  // namespace fabric::actors

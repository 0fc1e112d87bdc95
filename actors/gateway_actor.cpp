#include "actors/gateway_actor.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "actors/clock.hpp"
#include "actors/gateway/courier.hpp"
#include "actors/gateway/desk.hpp"
#include "actors/gateway/door.hpp"
#include "actors/gateway/keys.hpp"
#include "actors/gateway/names.hpp"
#include "actors/gateway/programs.hpp"

namespace fabric::actors {

namespace {

constexpr duration tick_interval = std::chrono::milliseconds{500};

using gateway_self = gateway_actor::stateful_pointer<std::unique_ptr<gateway_state>>;

/// One message of a peer to whom it is for.
void take(gateway_state& s, const gateway_actor& me, const transport::link_event::arrived& from,
          transport::envelope& envelope, events_of_turn& events) {
  if (auto* hello = std::get_if<transport::hello>(&envelope.body))
    return door::greet(s, from.connection, from.from, *hello, events);
  if (auto* join = std::get_if<transport::join>(&envelope.body))
    return door::admit(s, me, from.connection, from.from, *join);
  auto* who = s.sessions.of(from.connection);
  if (who == nullptr || who->id != envelope.head.session)
    return s.out.send(from.connection, transport::unknown_session{});
  who->life.heard(now());
  if (who->peer.as == transport::role::worker)
    desk::hear_worker(s, *who, envelope.body, events);
  else
    desk::hear_client(s, me, *who, envelope.body, events);
}

void take(gateway_state& s, const gateway_actor& me, transport::link_event_type& event,
          events_of_turn& events) {
  if (auto* arrived = std::get_if<transport::link_event::arrived>(&event)) {
    for (auto& one : arrived->messages) {
      if (auto* unknown = std::get_if<transport::unknown_message>(&one))
        desk::hear_unknown(s, arrived->connection, unknown->head, events);
      else
        take(s, me, *arrived, std::get<transport::envelope>(one), events);
    }
  } else if (auto* closed = std::get_if<transport::link_event::closed>(&event)) {
    door::lose(s, closed->connection, events);
  } else if (auto* malformed = std::get_if<transport::link_event::malformed>(&event)) {
    door::misbehaved(s, *malformed, events);
  }
}

void tell_scheduler(gateway_self self, events_of_turn events) {
  if (!events.empty()) self->send(self->state->scheduler, happened{std::move(events)});
}

void hear(gateway_self self, link_news& news) {
  events_of_turn events;
  const gateway_actor me{self};
  for (auto& event : news.events) take(*self->state, me, event, events);
  tell_scheduler(self, std::move(events));
}

void tick(gateway_self self) {
  events_of_turn events;
  door::close_silent(*self->state, events);
  programs::give_up_absent(*self->state, events);
  names::tick(*self->state);
  tell_scheduler(self, std::move(events));
  self->delayed_send(self, tick_interval, wake_up{});
}

}  // namespace

gateway_actor spawn_gateway(caf::actor_system& system, gateway_settings how,
                            transport::poll_loop& loop, scheduler_actor scheduler,
                            store_actor store) {
  auto* where = &loop;
  return system.spawn(
      [how, where, scheduler, store](gateway_self self) -> gateway_actor::behavior_type {
        self->state = std::make_unique<gateway_state>(how, *where, scheduler, store);
        self->delayed_send(self, tick_interval, wake_up{});
        return {
            [self](link_news& news) { hear(self, news); },
            [self](carry_out& orders) { courier::carry(*self->state, orders.commands); },
            [self](const drop_sessions& what) { door::drop_all(*self->state, what.why); },
            [self](reply& what) { courier::carry(*self->state, what); },
            [self](log_located& what) { desk::pass_on(*self->state, what); },
            [self](note_checked& what) { desk::pass_on(*self->state, what); },
            [self](push& what) { courier::carry(*self->state, what); },
            [self](key_admitted& what) { door::finish_join(*self->state, what); },
            [self](const key_made& what) { keys::finish_making(*self->state, what); },
            [self](const key_revoked& what) {
              events_of_turn events;
              keys::finish_revoking(*self->state, what, events);
              tell_scheduler(self, std::move(events));
            },
            [self](const wake_up&) { tick(self); },
        };
      });
}

}  // namespace fabric::actors

#include "actors/client_actor.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "actors/clock.hpp"

namespace fabric::actors {

namespace {

constexpr duration idle_tick = std::chrono::seconds{1};

struct pending_call {
  transport::message body;
  std::function<void(result<transport::message>)> done;
  instant deadline = never;
  bool sent = false;
};

struct client_state {
  client_settings how;
  std::optional<head_link> link;
  std::map<request_id, pending_call> calls;
  std::set<request_id> unsent;
  std::set<std::pair<instant, request_id>> deadlines;
  std::function<void(const transport::message&)> hear;
  std::uint64_t last_request = 0;
  std::size_t credits = 1;
  std::size_t in_flight = 0;
  bool was_right = false;  // a head was there, or is vouched for
  std::optional<link_outcome::lost> gave_up;
  instant lost_at = never;
  std::uint64_t alarm = 0;
  instant alarm_at = never;
};

using client_self = client_actor::stateful_pointer<client_state>;

/// Writes the number into a message that makes a request.
void number(transport::message& body, request_id as) {
  std::visit(
      [as](auto& m) {
        if constexpr (requires { m.request; }) m.request = as;
      },
      body);
}

class client {
 public:
  explicit client(client_self self) : self_(self), s_(self->state) {}

  void hear(std::vector<transport::link_event_type>& events) {
    for (auto& outcome : s_.link->take(events, now())) on(outcome);
    settle();
  }

  void begin(call& what) {
    if (s_.gave_up && s_.gave_up->final) {
      what.done(s_.gave_up->why);
      return;
    }
    if (std::exchange(s_.gave_up, std::nullopt)) s_.link->dial(now());
    const request_id id{++s_.last_request};
    number(what.body, id);
    const instant deadline = what.timeout.count() == 0 ? never : now() + what.timeout;
    s_.calls[id] = {std::move(what.body), std::move(what.done), deadline};
    s_.unsent.insert(id);
    if (deadline != never) s_.deadlines.emplace(deadline, id);
    send_waiting();
    settle();
  }

  void tick(std::uint64_t number) {
    if (number != s_.alarm) return;
    s_.alarm_at = never;
    const instant at = now();
    if (auto lost = s_.link->tick(at)) on(*lost);
    if (s_.link->owes_heartbeat(at)) say(transport::heartbeat{at});
    while (!s_.deadlines.empty() && s_.deadlines.begin()->first <= at)
      finish(s_.deadlines.begin()->second,
             fault{fault_code::timeout_unknown,
                   "the head did not answer in time; whether it acted is not known",
                   "ask again with the same key"});
    if (!s_.link->is_open() && s_.lost_at != never && at - s_.lost_at > s_.how.patience)
      fail_all({fault_code::unreachable,
                "no session with the head at " + s_.link->where().endpoint + " for " +
                    std::to_string(s_.how.patience.count() / 1'000'000) + " s",
                "is the head running?"});
    settle();
  }

  void hang_up() {
    say(transport::goodbye{});
    s_.link->close();
    s_.gave_up = {{fault_code::cancelled, "the session was closed", ""}, true};
    fail_all(s_.gave_up->why);
  }

  void settle() {
    instant due = std::min(s_.link->next_wakeup(), now() + idle_tick);
    if (!s_.deadlines.empty()) due = std::min(due, s_.deadlines.begin()->first);
    if (s_.alarm_at != never && s_.alarm_at <= due) return;
    s_.alarm_at = due;
    self_->delayed_send(self_, std::max(duration{0}, due - now()), wake_up{++s_.alarm});
  }

 private:
  /// For what the head may miss.
  void say(const transport::message& body) {
    if (!s_.link->send(body, now())) return;
  }

  void on(link_outcome_type& outcome) {
    if (auto* open = std::get_if<link_outcome::open>(&outcome)) {
      s_.was_right = true;
      s_.lost_at = never;
      s_.credits = std::max<std::size_t>(open->terms.credits, 1);
      s_.in_flight = 0;
      for (auto& [id, waiting] : s_.calls) {
        waiting.sent = false;
        s_.unsent.insert(id);
      }
      if (s_.hear) s_.hear(transport::message{open->terms});
      send_waiting();
    } else if (auto* heard = std::get_if<link_outcome::heard>(&outcome)) {
      for (auto& message : heard->messages) take(message);
    } else {
      auto& lost = std::get<link_outcome::lost>(outcome);
      if (s_.lost_at == never) s_.lost_at = now();
      if (lost.final || !s_.was_right) {
        s_.link->close();
        s_.gave_up = lost;
        fail_all(lost.why);
        if (lost.final && s_.hear) s_.hear(transport::refused{.why = std::move(lost.why)});
      }
    }
  }

  void take(transport::message& body) {
    if (auto* failed = std::get_if<transport::failed>(&body)) {
      finish(failed->request, std::move(failed->why));
    } else if (auto* nack = std::get_if<transport::nack>(&body)) {
      if (nack->type == 0)
        fail_sent(nack->why);
      else
        finish(request_id{nack->id}, std::move(nack->why));
    } else if (const auto request = transport::request_of(body)) {
      finish(*request, std::move(body));
    } else if (s_.hear) {
      s_.hear(body);
    }
  }

  void finish(request_id id, result<transport::message> with) {
    auto found = s_.calls.find(id);
    if (found == s_.calls.end()) return;
    if (found->second.sent && s_.in_flight > 0) --s_.in_flight;
    auto done = std::move(found->second.done);
    s_.unsent.erase(id);
    s_.deadlines.erase({found->second.deadline, id});
    s_.calls.erase(found);
    done(std::move(with));
    send_waiting();
  }

  /// The head could not read a frame of ours, so nobody knows which of these it held.
  void fail_sent(const fault& why) {
    std::vector<request_id> sent;
    for (const auto& [id, waiting] : s_.calls)
      if (waiting.sent) sent.push_back(id);
    for (request_id id : sent) finish(id, why);
  }

  void fail_all(const fault& why) {
    auto calls = std::exchange(s_.calls, {});
    s_.unsent.clear();
    s_.deadlines.clear();
    s_.in_flight = 0;
    for (auto& [id, waiting] : calls) waiting.done(why);
  }

  void send_waiting() {
    if (!s_.link->is_open()) return;
    while (s_.in_flight < s_.credits && !s_.unsent.empty()) {
      const auto id = *s_.unsent.begin();
      auto& waiting = s_.calls.at(id);
      s_.unsent.erase(s_.unsent.begin());
      if (auto sent = s_.link->send(waiting.body, now()); !sent) {
        finish(id, std::move(sent.error()));
        return;
      }
      waiting.sent = true;
      ++s_.in_flight;
    }
  }

  client_self self_;
  client_state& s_;
};

}  // namespace

client_actor spawn_client(caf::actor_system& system, client_settings how,
                          transport::poll_loop& loop, link_router& router) {
  auto* where = &loop;
  auto* routes = &router;
  return system.spawn([how, where, routes](client_self self) -> client_actor::behavior_type {
    auto& s = self->state;
    s.how = how;
    s.was_right = how.head.is_vouched_for;
    const auto weak = caf::actor_cast<caf::weak_actor_ptr>(client_actor{self});
    auto owner = [weak](std::vector<transport::link_event_type> events) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<client_actor>(strong), link_news{std::move(events)});
    };
    auto greet = [self] {
      const auto& link = *self->state.link;
      const auto build = transport::this_build();
      return transport::hello{.speaks = build.speaks,
                              .software = build.software,
                              .features = build.features,
                              .cluster = link.where().cluster,
                              .epoch_seen = link.epoch_seen(),
                              .worker_time = now()};
    };
    s.link.emplace(*where, *routes, how.head, owner, greet, how.seed);
    s.link->dial(now());
    client{self}.settle();
    return {
        [self](link_news& news) { client{self}.hear(news.events); },
        [self](call& what) { client{self}.begin(what); },
        [self](listen_to& what) { self->state.hear = std::move(what.hear); },
        [self](const hang_up&) { client{self}.hang_up(); },
        [self](const wake_up& what) { client{self}.tick(what.number); },
    };
  });
}

}  // namespace fabric::actors

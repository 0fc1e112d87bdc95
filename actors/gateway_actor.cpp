#include "actors/gateway_actor.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include <utility>

#include "actors/clock.hpp"
#include "actors/convert.hpp"
#include "actors/sessions.hpp"
#include "actors/watchers.hpp"

namespace fabric::actors {

namespace {

using transport::connection_id;
using transport::role;

constexpr duration tick_interval = std::chrono::milliseconds{500};

/// What one turn of the gateway has for the scheduler: gathered, so that everything that one
/// wake-up of the poll loop brought is one step and one commit.
struct outbound {
  std::vector<scheduler::event_type> events;
};

struct gateway_state {
  gateway_settings how;
  transport::poll_loop* loop = nullptr;
  scheduler_actor scheduler;
  store_actor store;
  std::unique_ptr<session_table> sessions;
  watchers watching;
  std::map<node_id, std::string> node_names;
  /// Submissions that asked to be told of their tasks, until the job's number is known.
  std::map<scheduler::event::asker, bool> wants_watch;
  std::uint64_t malformed = 0;
};

using gateway_self = gateway_actor::stateful_pointer<gateway_state>;

class gateway {
 public:
  explicit gateway(gateway_self self) : self_(self), s_(self->state) {}

  void hear(std::vector<transport::link_event_type>& events) {
    outbound out;
    for (auto& event : events) std::visit([&](auto& what) { on(what, out); }, event);
    if (!out.events.empty()) self_->send(s_.scheduler, happened{std::move(out.events)});
  }

  void carry(std::vector<scheduler::command_type>& commands) {
    for (auto& command : commands) std::visit([&](auto& what) { perform(what); }, command);
  }

  void answer(reply& what) {
    auto* to = s_.sessions->find(what.to.session);
    if (to == nullptr) return;
    if (what.failed)
      send(*to, transport::failed{what.to.request, std::move(*what.failed)});
    else
      send(*to, transport::answer{what.to.request, std::move(what.body)});
  }

  void answer(log_located& found) {
    auto* reader = s_.sessions->find(found.reader);
    if (reader == nullptr) return;
    const auto request = found.what.request;
    if (found.failed) {
      send(*reader, transport::failed{request, std::move(*found.failed)});
      return;
    }
    if (found.not_started) {
      send(*reader, transport::log_chunk{.request = request,
                                         .id = found.what.id,
                                         .stream = found.what.stream,
                                         .offset = found.what.offset});
      return;
    }
    auto* holder = s_.sessions->of_node(found.node);
    if (holder == nullptr) {
      send(*reader,
           transport::failed{request,
                             {fault_code::unreachable,
                              "the output of " + to_string(found.what.id) + " lies on node " +
                                  name_of(found.node) + ", which is not connected",
                              "try again when the node is back"}});
      return;
    }
    found.what.reader = found.reader;
    send(*holder, std::move(found.what));
  }

  void deliver(push& what) {
    auto* to = s_.sessions->find(what.to);
    if (to == nullptr) return;
    for (auto& message : what.messages) send(*to, std::move(message));
  }

  void finish_join(key_admitted& what) {
    if (what.failed) {
      send_unbound(what.connection, transport::failed{{}, std::move(*what.failed)});
      return;
    }
    const transport::peer_identity fresh{role::worker, what.public_key,
                                         transport::id_of_key(what.public_key)};
    s_.how.admitted.push_back(fresh);
    s_.loop->admit(s_.how.admitted);
    send_unbound(what.connection, transport::joined{fresh.id, s_.how.who.cluster});
    spdlog::info("audit: admitted worker key {}", to_string(fresh.id));
  }

  void drop_all(const fault& why) {
    spdlog::warn("every session starts anew: {}", to_line(why));
    for (connection_id connection : s_.sessions->connections()) {
      send_unbound(connection, transport::unknown_session{});
      forget(connection);
    }
  }

  void tick() {
    outbound out;
    for (connection_id connection : s_.sessions->silent(now())) {
      if (auto* gone = s_.sessions->of(connection))
        spdlog::info("session {} of {} is silent; closed", gone->id.value, describe(*gone));
      lose(connection, out);
      s_.loop->close(connection);
    }
    if (!out.events.empty()) self_->send(s_.scheduler, happened{std::move(out.events)});
    self_->delayed_send(self_, tick_interval, wake_up{});
  }

 private:
  // What the loop tells.
  void on(transport::link_event::opened&, outbound&) {}
  void on(transport::link_event::malformed& what, outbound&) {
    ++s_.malformed;
    spdlog::warn("bad frame from {} {}: {}", transport::name_of(what.from.as),
                 to_string(what.from.id), to_line(what.why));
    send_unbound(what.connection, transport::nack{0, 0, what.why});
  }
  void on(transport::link_event::closed& what, outbound& out) { lose(what.connection, out); }
  void on(transport::link_event::arrived& what, outbound& out) {
    for (auto& one : what.messages) {
      if (auto* unknown = std::get_if<transport::unknown_message>(&one)) {
        not_understood(what.connection, unknown->head);
        continue;
      }
      auto& envelope = std::get<transport::envelope>(one);
      take(what.connection, what.from, envelope, out);
    }
  }

  void not_understood(connection_id connection, const transport::header& head) {
    send_unbound(connection, transport::nack{head.type,
                                             0,
                                             {fault_code::unsupported,
                                              "message type " + std::to_string(head.type) +
                                                  " is not known here",
                                              "upgrade the head"}});
    if (head.must_understand) s_.loop->close(connection);
  }

  void take(connection_id connection, const transport::peer_identity& from,
            transport::envelope& envelope, outbound& out) {
    if (auto* hello = std::get_if<transport::hello>(&envelope.body)) {
      open(connection, from, *hello, out);
      return;
    }
    if (auto* join = std::get_if<transport::join>(&envelope.body)) {
      admit(connection, from, *join);
      return;
    }
    auto* who = s_.sessions->of(connection);
    if (who == nullptr || who->id != envelope.head.session) {
      send_unbound(connection, transport::unknown_session{});
      return;
    }
    who->life.heard(now());
    if (who->peer.as == role::worker)
      from_worker(*who, envelope.body, out);
    else
      from_client(*who, envelope.body, out);
  }

  void open(connection_id connection, const transport::peer_identity& from,
            const transport::hello& hello, outbound& out) {
    if (from.as == role::joiner) {
      refuse(connection, {fault_code::forbidden, "a joining key may only join", ""});
      return;
    }
    auto agreed = transport::agree(s_.how.who, hello);
    if (!agreed) {
      spdlog::warn("refused {} {}: {}", transport::name_of(from.as), to_string(from.id),
                   to_line(agreed.error()));
      refuse(connection, std::move(agreed.error()));
      return;
    }
    if ((from.as == role::worker) != hello.node.has_value()) {
      refuse(connection, {fault_code::forbidden,
                          std::string{"a "} + std::string{transport::name_of(from.as)} +
                              " key cannot connect as " + (hello.node ? "a worker" : "a client"),
                          "use the key that was made for it"});
      return;
    }
    if (s_.sessions->of(connection) != nullptr) lose(connection, out);
    auto& fresh = s_.sessions->open(connection, from, now());
    fresh.software = hello.software;
    fresh.version = agreed->version;
    fresh.features = std::move(agreed->features);
    if (from.as == role::worker) {
      auto event = convert::node_joined(from.id, fresh.id, hello);
      if (!event) {
        forget(connection);
        refuse(connection, std::move(event.error()));
        return;
      }
      s_.node_names[from.id] = hello.node->name;
      out.events.emplace_back(std::move(*event));
    } else {
      auto greeting = convert::welcome(
          terms_for(fresh), {.node = from.id, .session = fresh.id, .lease = s_.how.lease});
      send(fresh, std::move(greeting));
    }
  }

  [[nodiscard]] convert::session_terms terms_for(const session& who) const {
    return {.version = who.version,
            .software = s_.how.who.build.software,
            .features = who.features,
            .cluster = s_.how.who.cluster,
            .epoch = s_.how.who.epoch,
            .heartbeat = s_.how.heartbeat,
            .credits = s_.how.credits};
  }

  void admit(connection_id connection, const transport::peer_identity& from,
             const transport::join& what) {
    if (from.as != role::joiner) {
      refuse(connection, {fault_code::forbidden, "only a join token's key may join", ""});
      return;
    }
    if (what.public_key.size() != 32) {
      refuse(connection, {fault_code::bad_message, "a public key has 32 bytes", ""});
      return;
    }
    gateway_actor me{self_};
    self_->send(
        s_.store, store_job{[connection, what, me](store::head_store& rows) {
          auto done = rows.admit({what.public_key, role::worker, what.name, wall_ms(), false});
          std::optional<fault> failed;
          if (!done) failed = done.error();
          caf::anon_send(me, key_admitted{connection, what.public_key, std::move(failed)});
        }});
  }

  void from_worker(session& who, transport::message& body, outbound& out) {
    if (auto* chunk = std::get_if<transport::log_chunk>(&body)) {
      if (auto* reader = s_.sessions->find(chunk->reader)) send(*reader, std::move(*chunk));
      return;
    }
    const node_id node = who.peer.id;
    if (auto* heartbeat = std::get_if<transport::heartbeat>(&body)) {
      accept(who, body, convert::node_heartbeat(node, who.id, *heartbeat), out);
    } else if (auto* started = std::get_if<transport::started>(&body)) {
      out.events.emplace_back(convert::attempt_started(node, *started));
    } else if (auto* declined = std::get_if<transport::declined>(&body)) {
      out.events.emplace_back(convert::attempt_declined(node, *declined));
    } else if (auto* report = std::get_if<transport::report>(&body)) {
      accept(who, body, convert::attempt_ended(node, std::move(*report)), out);
    } else if (auto* leaving = std::get_if<transport::leaving>(&body)) {
      accept(who, body, convert::drain_requested(node, *leaving), out);
    } else if (std::holds_alternative<transport::goodbye>(body)) {
      out.events.emplace_back(scheduler::event::node_left{node, who.id});
      const auto connection = who.connection;
      forget(connection);
      s_.loop->close(connection);
    } else {
      forbidden(who, transport::type_of(body), {});
    }
  }

  template <class Event>
  void accept(session& who, const transport::message& body, result<Event> event, outbound& out) {
    if (event)
      out.events.emplace_back(std::move(*event));
    else
      send(who, transport::nack{transport::type_of(body), 0, std::move(event.error())});
  }

  void from_client(session& who, transport::message& body, outbound& out) {
    const bool may_write = who.peer.as == role::client;
    if (std::holds_alternative<transport::heartbeat>(body)) {
      send(who, transport::renewed{std::get<transport::heartbeat>(body).worker_time, {}});
    } else if (auto* submit = std::get_if<transport::submit>(&body);
               submit != nullptr && may_write) {
      const scheduler::event::asker asker{who.id, submit->request};
      if (submit->watch) s_.wants_watch[asker] = true;
      auto job = convert::job(std::move(*submit), to_string(who.peer.id));
      if (!job) {
        s_.wants_watch.erase(asker);
        send(who, transport::failed{asker.request, std::move(job.error())});
        return;
      }
      out.events.emplace_back(scheduler::event::job_submitted{asker, std::move(*job)});
    } else if (auto* watch = std::get_if<transport::watch>(&body)) {
      s_.watching.add(who.id, watch->job);
      send(who, transport::answer{watch->request, "{}"});
      self_->send(s_.scheduler, replay_finished{who.id, watch->job});
    } else if (auto* ask = std::get_if<transport::ask>(&body)) {
      const bool reads = ask->topic != "cancel" && ask->topic != "drain" && ask->topic != "forget";
      if (!reads && !may_write) {
        forbidden(who, transport::type_of(body), ask->request);
        return;
      }
      if (!reads)
        spdlog::info("audit: {} {} by {}", ask->topic, ask->arguments, to_string(who.peer.id));
      self_->send(
          s_.scheduler,
          question{{who.id, ask->request}, std::move(ask->topic), std::move(ask->arguments)});
    } else if (auto* log = std::get_if<transport::log_read>(&body)) {
      self_->send(s_.scheduler, locate_log{who.id, std::move(*log)});
    } else if (std::holds_alternative<transport::goodbye>(body)) {
      const auto connection = who.connection;
      forget(connection);
      s_.loop->close(connection);
    } else {
      forbidden(who, transport::type_of(body), {});
    }
  }

  void forbidden(session& who, std::uint16_t type, request_id request) {
    spdlog::warn("audit: {} may not say {}", describe(who), transport::name_of_type(type));
    send(who,
         transport::nack{type,
                         request.value,
                         {fault_code::forbidden,
                          std::string{"the role "} + std::string{transport::name_of(who.peer.as)} +
                              " may not say " + std::string{transport::name_of_type(type)},
                          ""}});
  }

  // What the scheduler orders.
  void perform(scheduler::command::persist&) {}
  void perform(scheduler::command::grant& what) { to_session(what.session, convert::grant(what)); }
  void perform(scheduler::command::revoke& what) {
    to_session(what.session, convert::revoke(what));
  }
  void perform(scheduler::command::renew& what) {
    to_session(what.session, convert::renewed(what));
  }
  void perform(scheduler::command::acknowledge_report& what) {
    to_session(what.session, convert::report_ack(what));
  }
  void perform(scheduler::command::welcome& what) {
    auto* who = s_.sessions->find(what.session);
    if (who == nullptr) return;
    spdlog::info("{} joined: fabric {}", describe(*who), who->software);
    send(*who, convert::welcome(terms_for(*who), what));
  }
  void perform(scheduler::command::refuse_node& what) {
    auto* who = s_.sessions->find(what.session);
    if (who == nullptr) return;
    const auto connection = who->connection;
    forget(connection);
    send_unbound(connection, convert::refused(s_.how.who.build.speaks, s_.how.who.build.software,
                                              what, std::chrono::seconds{1}));
  }
  void perform(scheduler::command::job_accepted& what) {
    const bool watched = s_.wants_watch.erase(what.to) > 0;
    auto* who = s_.sessions->find(what.to.session);
    if (who == nullptr) return;
    if (watched) s_.watching.add(who->id, what.id);
    send(*who, convert::submitted(what));
    if (watched && what.existed) self_->send(s_.scheduler, replay_finished{who->id, what.id});
  }
  void perform(scheduler::command::request_refused& what) {
    s_.wants_watch.erase(what.to);
    if (auto* who = s_.sessions->find(what.to.session)) send(*who, convert::failed(what));
  }
  void perform(scheduler::command::request_done& what) {
    if (auto* who = s_.sessions->find(what.to.session))
      send(*who, transport::answer{what.to.request, nlohmann::json{{"note", what.note}}.dump()});
  }
  void perform(scheduler::command::task_changed& what) {
    if (!is_final(what.state)) return;
    for (session_id watcher : s_.watching.of(what.task.job))
      to_session(watcher, convert::task_finished(what, name_of(what.node)));
  }
  void perform(scheduler::command::job_finished& what) {
    for (session_id watcher : s_.watching.of(what.job))
      to_session(watcher, convert::job_finished(what));
    s_.watching.forget(what.job);
  }
  void perform(scheduler::command::node_changed& what) {
    spdlog::info("node {}: {}", name_of(what.node), what.state);
  }

  // Sessions.
  void lose(connection_id connection, outbound& out) {
    auto gone = s_.sessions->close(connection);
    if (!gone) return;
    forget_requests(gone->id);
    if (gone->peer.as == role::worker)
      out.events.emplace_back(scheduler::event::session_lost{gone->peer.id, gone->id});
  }
  void forget(connection_id connection) {
    if (auto gone = s_.sessions->close(connection)) forget_requests(gone->id);
  }
  void forget_requests(session_id who) {
    s_.watching.forget(who);
    std::erase_if(s_.wants_watch, [who](const auto& asked) { return asked.first.session == who; });
  }
  void refuse(connection_id connection, fault why) {
    send_unbound(connection, transport::refused{std::move(why), s_.how.who.build.speaks,
                                                s_.how.who.build.software, duration{0}});
  }
  void to_session(session_id id, transport::message body) {
    if (auto* who = s_.sessions->find(id)) send(*who, std::move(body));
  }
  void send(session& to, const transport::message& body) {
    auto sent = s_.loop->send(
        to.connection,
        {.version = to.version, .session = to.id, .sequence = ++to.sent, .epoch = s_.how.who.epoch},
        body);
    if (sent) return;
    spdlog::error("{} for {}: {}", transport::name_of_type(transport::type_of(body)), describe(to),
                  to_line(sent.error()));
    if (const auto* answer = std::get_if<transport::answer>(&body))
      send(to, transport::failed{answer->request, std::move(sent.error())});
  }
  void send_unbound(connection_id to, const transport::message& body) {
    if (auto sent = s_.loop->send(to, {.epoch = s_.how.who.epoch}, body); !sent)
      spdlog::error("{}", to_line(sent.error()));
  }
  [[nodiscard]] std::string name_of(node_id node) const {
    auto found = s_.node_names.find(node);
    return found == s_.node_names.end() ? to_string(node) : found->second;
  }
  [[nodiscard]] std::string describe(const session& who) const {
    if (who.peer.as == role::worker) return "node " + name_of(who.peer.id);
    return std::string{transport::name_of(who.peer.as)} + " " + to_string(who.peer.id);
  }

  gateway_self self_;
  gateway_state& s_;
};

}  // namespace

gateway_actor spawn_gateway(caf::actor_system& system, gateway_settings how,
                            transport::poll_loop& loop, scheduler_actor scheduler,
                            store_actor store) {
  auto* where = &loop;
  return system.spawn(
      [how, where, scheduler, store](gateway_self self) -> gateway_actor::behavior_type {
        auto& s = self->state;
        s.how = how;
        s.loop = where;
        s.scheduler = scheduler;
        s.store = store;
        s.sessions = std::make_unique<session_table>(how.who.epoch, how.heartbeat, how.missed_max);
        self->delayed_send(self, tick_interval, wake_up{});
        return {
            [self](link_news& news) { gateway{self}.hear(news.events); },
            [self](carry_out& orders) { gateway{self}.carry(orders.commands); },
            [self](const drop_sessions& what) { gateway{self}.drop_all(what.why); },
            [self](reply& what) { gateway{self}.answer(what); },
            [self](log_located& what) { gateway{self}.answer(what); },
            [self](push& what) { gateway{self}.deliver(what); },
            [self](key_admitted& what) { gateway{self}.finish_join(what); },
            [self](const wake_up&) { gateway{self}.tick(); },
        };
      });
}

}  // namespace fabric::actors

#include "actors/gateway/courier.hpp"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "actors/convert.hpp"
#include "actors/gateway/door.hpp"

namespace fabric::actors::courier {

namespace {

namespace command = scheduler::command;

constexpr duration refused_node_waits = std::chrono::seconds{1};

void perform(gateway_state&, command::persist&) {}
void perform(gateway_state& s, command::grant& what) {
  s.out.send(what.session, convert::grant(what));
}
void perform(gateway_state& s, command::revoke& what) {
  s.out.send(what.session, convert::revoke(what));
}
void perform(gateway_state& s, command::renew& what) {
  s.out.send(what.session, convert::renewed(what));
}
void perform(gateway_state& s, command::acknowledge_report& what) {
  s.out.send(what.session, convert::report_ack(what));
}

void perform(gateway_state& s, command::welcome& what) {
  auto* who = s.sessions.find(what.session);
  if (who == nullptr) return;
  spdlog::info("{} joined: fabric {}", s.out.describe(who->peer), who->software);
  s.out.send(*who, convert::welcome(terms_for(s, *who), what));
}

void perform(gateway_state& s, command::refuse_node& what) {
  auto* who = s.sessions.find(what.session);
  if (who == nullptr) return;
  const auto connection = who->connection;
  door::forget(s, connection);
  const auto& build = s.out.head().build;
  s.out.send(connection, convert::refused(build.speaks, build.software, what, refused_node_waits));
}

void perform(gateway_state& s, command::job_accepted& what) {
  const bool watched = s.wants_watch.erase(what.to) > 0;
  auto* who = s.sessions.find(what.to.session);
  if (who == nullptr) return;
  if (watched) s.watching.add(who->id, what.id);
  s.out.send(*who, convert::submitted(what));
  if (watched && what.existed) caf::anon_send(s.scheduler, replay_finished{who->id, what.id});
}

void perform(gateway_state& s, command::request_refused& what) {
  s.wants_watch.erase(what.to);
  s.out.send(what.to.session, convert::failed(what));
}

void perform(gateway_state& s, command::request_done& what) {
  s.out.send(what.to.session,
             transport::answer{what.to.request, nlohmann::json{{"note", what.note}}.dump()});
}

void perform(gateway_state& s, command::task_changed& what) {
  if (!is_final(what.state)) return;
  for (session_id watcher : s.watching.of(what.task.job))
    s.out.send(watcher, convert::task_finished(what, s.out.name_of(what.node)));
}

void perform(gateway_state& s, command::job_finished& what) {
  for (session_id watcher : s.watching.of(what.job))
    s.out.send(watcher, convert::job_finished(what));
  s.watching.forget(what.job);
}

void perform(gateway_state& s, command::press& what) {
  if (const auto to = s.how.parcels->session_of(what.owner)) s.out.send(*to, transport::pressed{});
}

void perform(gateway_state& s, command::node_changed& what) {
  spdlog::info("node {}: {}", s.out.name_of(what.node), what.state);
}

}  // namespace

void carry(gateway_state& s, std::vector<scheduler::command_type>& commands) {
  for (auto& what : commands) std::visit([&](auto& one) { perform(s, one); }, what);
}

void carry(gateway_state& s, reply& answer) {
  if (answer.failed)
    s.out.send(answer.to.session, transport::failed{answer.to.request, std::move(*answer.failed)});
  else
    s.out.send(answer.to.session, transport::answer{answer.to.request, std::move(answer.body)});
}

void carry(gateway_state& s, push& news) {
  for (const auto& message : news.messages) s.out.send(news.to, message);
}

}  // namespace fabric::actors::courier

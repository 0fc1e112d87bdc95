#include "actors/gateway/post.hpp"

#include <spdlog/spdlog.h>

namespace fabric::actors {

void post::send(session& to, const transport::message& body) {
  if (const auto request = transport::request_of(body)) to.requests.answered(*request);
  auto sent = loop_->send(
      to.connection,
      {.version = to.version, .session = to.id, .sequence = ++to.sent, .epoch = who_.epoch}, body);
  if (sent) return;
  spdlog::error("{} for {}: {}", transport::name_of_type(transport::type_of(body)),
                describe(to.peer), to_line(sent.error()));
  if (const auto request = transport::request_of(body))
    send(to, transport::failed{*request, std::move(sent.error())});
}

void post::send(session_id to, const transport::message& body) {
  if (auto* who = sessions_->find(to)) send(*who, body);
}

void post::send(transport::connection_id to, const transport::message& body) {
  if (auto sent = loop_->send(to, {.epoch = who_.epoch}, body); !sent)
    spdlog::error("{}", to_line(sent.error()));
}

void post::refuse(transport::connection_id to, fault why, duration retry_after) {
  send(to, transport::refused{std::move(why), who_.build.speaks, who_.build.software, retry_after});
}

std::string post::name_of(node_id node) const {
  auto found = names_.find(node);
  return found == names_.end() ? to_string(node) : found->second;
}

std::string post::describe(const transport::peer_identity& who) const {
  if (who.as == transport::role::worker) return "node " + name_of(who.id);
  return std::string{transport::name_of(who.as)} + " " + to_string(who.id);
}

}  // namespace fabric::actors

#include "actors/daemon/join.hpp"

#include <future>
#include <memory>

#include "transport/handshake.hpp"

namespace fabric::daemon {

namespace {

constexpr auto patience = std::chrono::milliseconds{1900};

/// One call: dial, JOIN, and whatever comes first of an answer and the end of the connection.
class caller : public std::enable_shared_from_this<caller> {
 public:
  caller(transport::poll_loop& loop, transport::join what) : loop_(loop), what_(std::move(what)) {}

  std::future<result<void>> outcome() { return outcome_.get_future(); }

  void hear(std::vector<transport::link_event_type>& events) {
    for (auto& event : events) {
      if (auto* opened = std::get_if<transport::link_event::opened>(&event)) {
        if (auto sent = loop_.send(opened->connection, {}, what_); !sent) settle(sent.error());
      } else if (auto* closed = std::get_if<transport::link_event::closed>(&event)) {
        settle(std::move(closed->why));
      } else if (auto* arrived = std::get_if<transport::link_event::arrived>(&event)) {
        for (auto& one : arrived->messages)
          if (auto* envelope = std::get_if<transport::envelope>(&one)) answer(envelope->body);
      }
    }
  }

 private:
  void answer(transport::message& body) {
    if (std::holds_alternative<transport::joined>(body)) settle({});
    if (auto* refused = std::get_if<transport::refused>(&body)) settle(std::move(refused->why));
    if (auto* failed = std::get_if<transport::failed>(&body)) settle(std::move(failed->why));
    if (auto* nack = std::get_if<transport::nack>(&body)) settle(std::move(nack->why));
  }
  void settle(result<void> with) {
    if (settled_) return;
    settled_ = true;
    outcome_.set_value(std::move(with));
  }

  transport::poll_loop& loop_;
  transport::join what_;
  std::promise<result<void>> outcome_;
  bool settled_ = false;
};

}  // namespace

result<void> join(actors::runtime& process, const transport::join_token& token,
                  const node_credentials& fresh, const std::string& name) {
  auto call = std::make_shared<caller>(
      process.loop(),
      transport::join{fresh.node.public_key, name, transport::this_build().software});
  auto outcome = call->outcome();
  const auto connection = process.router().dial(
      process.loop(),
      {.endpoint = "tcp://" + fresh.address,
       .server_public_key = token.server_public_key,
       .keys = token.joiner},
      [call](std::vector<transport::link_event_type> events) { call->hear(events); });
  const bool answered = outcome.wait_for(patience) == std::future_status::ready;
  process.loop().close(connection);
  if (!answered)
    return fault{fault_code::unreachable, "the head at " + fresh.address + " did not answer in time",
                 "is it running, and is the token of this cluster?"};
  return outcome.get();
}

}  // namespace fabric::daemon

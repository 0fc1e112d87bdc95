#include "actors/daemon/join.hpp"

#include <future>
#include <memory>
#include <optional>

#include "transport/handshake.hpp"

namespace fabric::daemon {

namespace {

constexpr auto connect_patience = std::chrono::milliseconds{1300};
constexpr auto patience = std::chrono::milliseconds{1700};

/// One call: dial, JOIN if there is one, and whatever comes first of an answer and the end of the
/// connection.
class caller : public std::enable_shared_from_this<caller> {
 public:
  caller(transport::poll_loop& loop, std::optional<transport::join> what)
      : loop_(loop), what_(std::move(what)) {}

  std::future<result<void>> outcome() { return outcome_.get_future(); }

  void hear(std::vector<transport::link_event_type>& events) {
    for (auto& event : events) {
      if (auto* opened = std::get_if<transport::link_event::opened>(&event)) {
        if (!what_)
          settle({});
        else if (auto sent = loop_.send(opened->connection, {}, *what_); !sent)
          settle(sent.error());
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
  std::optional<transport::join> what_;
  std::promise<result<void>> outcome_;
  bool settled_ = false;
};

result<void> call(actors::runtime& process, const transport::join_token& token,
                  const std::string& address, std::optional<transport::join> what) {
  auto call = std::make_shared<caller>(process.loop(), std::move(what));
  auto outcome = call->outcome();
  const auto connection = process.router().dial(
      process.loop(),
      {.endpoint = "tcp://" + address,
       .server_public_key = token.server_public_key,
       .keys = token.joiner,
       .connect_timeout = connect_patience,
       .handshake_timeout = connect_patience},
      [call](std::vector<transport::link_event_type> events) { call->hear(events); });
  const bool answered = outcome.wait_for(patience) == std::future_status::ready;
  process.loop().close(connection);
  if (!answered)
    return fault{fault_code::unreachable, "the head at " + address + " did not answer in time",
                 "is it running? `fabricd doctor --address " + address + "` looks closer"};
  return outcome.get();
}

}  // namespace

result<void> join(actors::runtime& process, const transport::join_token& token,
                  const node_credentials& fresh, const std::string& name) {
  return call(process, token, fresh.address,
              transport::join{fresh.node.public_key, name, transport::this_build().software});
}

result<void> knock(actors::runtime& process, const transport::join_token& token,
                   const std::string& address) {
  return call(process, token, address, std::nullopt);
}

}  // namespace fabric::daemon

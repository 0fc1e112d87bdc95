#include <algorithm>
#include <chrono>

#include "transport/monitor.hpp"
#include "transport/poll_loop.hpp"
#include "transport/socket_options.hpp"

namespace fabric::transport {

namespace {

constexpr std::chrono::milliseconds patience{2000};

constexpr int watched = ZMQ_EVENT_CLOSED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                        ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                        ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

/// A listener on all addresses is reached by the loopback one.
std::string reachable(std::string endpoint) {
  for (const auto& [all, loopback] :
       {std::pair<std::string_view, std::string_view>{"tcp://0.0.0.0:", "tcp://127.0.0.1:"},
        {"tcp://*:", "tcp://127.0.0.1:"},
        {"tcp://[::]:", "tcp://[::1]:"}})
    if (endpoint.starts_with(all)) endpoint.replace(0, all.size(), loopback);
  return endpoint;
}

fault untested(const std::string& endpoint, const std::string& why) {
  return {fault_code::auth_selftest,
          "whether " + endpoint + " refuses strangers is not known: " + why,
          "the daemon does not serve what it could not test; report this"};
}

/// The first thing that the handshake comes to, or nothing within the patience.
std::vector<monitor_event> outcome_of(monitor& watching) {
  std::vector<monitor_event> events;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (events.empty()) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    socket* const any[]{&watching.events()};
    wait_for(any, -1, left);
    watching.drain(events);
  }
  return events;
}

}  // namespace

/// In a context of its own, as a stranger's would be.
result<void> poll_loop::prove_strangers_are_refused(const std::string& endpoint,
                                                    const std::string& server_public_key) {
  auto own = context::start(1);
  if (!own) return untested(endpoint, own.error().detail);
  const dial_options where{reachable(endpoint), server_public_key, make_key_pair(), patience};
  auto stranger = dialler_socket(*own, where, control_frame_bytes_max);
  if (!stranger) return untested(endpoint, stranger.error().detail);
  auto watching = monitor::attach(*own, *stranger, watched);
  if (!watching) return untested(endpoint, watching.error().detail);
  if (auto connected = stranger->connect(where.endpoint); !connected)
    return untested(endpoint, connected.error().detail);

  const auto events = outcome_of(*watching);
  if (events.empty()) return untested(endpoint, "it did not answer");
  if (events.front().what == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH) return {};
  if (events.front().what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED)
    return fault{fault_code::auth_selftest, endpoint + " lets in a key that nobody admitted",
                 "do not expose this address; report this"};
  return untested(endpoint, "the handshake broke off");
}

}  // namespace fabric::transport

#include "transport/zap.hpp"

#include <utility>

#include "transport/keys.hpp"
#include "transport/socket_options.hpp"

namespace fabric::transport {

namespace {

constexpr const char* zap_endpoint = "inproc://zeromq.zap.01";
constexpr std::string_view zap_version = "1.0";

/// envelope, empty, version, request id, domain, address, routing id, mechanism, credentials...
constexpr std::size_t fixed_parts = 8;

std::vector<std::string> all_parts(socket& from, frame& first) {
  std::vector<std::string> list{std::string{first.text()}};
  while (first.has_more() && from.receive(first)) list.emplace_back(first.text());
  return list;
}

/// The user id that the question's credentials amount to, or empty where they do not suffice.
std::string user_id_for(const std::string& domain, const std::string& mechanism,
                        const std::string& credential, const admission& admitted) {
  if (domain == domain_of_keys && mechanism == "CURVE") {
    std::string user_id = to_hex(credential);
    return admitted.find(user_id) != nullptr ? user_id : "";
  }
  if (domain == domain_without_keys && mechanism == "PLAIN" && from_hex(credential, 32))
    return credential;
  return "";
}

}  // namespace

result<zap_responder> zap_responder::open(const context& in) {
  auto made = socket::open(in, zmq::socket_type::router);
  if (!made) return made.error();
  // An answer to a session that has died meanwhile is dropped, which is right.
  if (auto set = made->set(zmq::sockopt::linger, 0); !set) return set.error();
  if (auto bound = made->bind(zap_endpoint); !bound) return bound.error();
  zap_responder responder;
  responder.socket_ = std::move(*made);
  return responder;
}

void zap_responder::receive() {
  frame part;
  while (socket_.receive(part)) {
    auto all = all_parts(socket_, part);
    if (all.size() <= fixed_parts || all[2] != zap_version) continue;
    waiting_.push_back({all[0], all[3], all[4], all[7], all[8]});
  }
}

void zap_responder::reply(const admission& admitted) {
  for (const auto& q : std::exchange(waiting_, {})) {
    const std::string user_id = user_id_for(q.domain, q.mechanism, q.credential, admitted);
    answer(q, user_id.empty() ? "400" : "200", user_id);
  }
}

/// envelope, empty, version, request id, status, text, user id, metadata. Says no more than the
/// status to a stranger.
void zap_responder::answer(const question& q, std::string_view status, std::string_view user_id) {
  for (const std::string_view part :
       {std::string_view{q.envelope}, std::string_view{}, zap_version,
        std::string_view{q.request_id}, status, std::string_view{}, user_id})
    if (socket_.send(part, parts::more) != sent::done) return;
  socket_.send("");
}

}  // namespace fabric::transport

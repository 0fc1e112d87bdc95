#include "actors/daemon/head_dashboard.hpp"

#include <sodium.h>
#include <spdlog/spdlog.h>

#include <array>
#include <set>

#include "actors/daemon/boot.hpp"
#include "resources/detect.hpp"

namespace fabric::daemon {

namespace {

constexpr std::uint16_t default_port = 8265;
constexpr std::size_t token_bytes = 32;
constexpr std::size_t cookie_name_digits = 8;
constexpr duration answer_patience = std::chrono::seconds{10};

std::string random_token() {
  std::array<char, token_bytes> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return transport::to_hex({bytes.data(), bytes.size()});
}

bool is_any_address(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

bool is_for_this_machine_only(const std::string& host) {
  return host == "localhost" || dashboard::is_loopback(host);
}

std::string address_of(const std::string& host, std::uint16_t port) {
  auto name = is_any_address(host) ? host_name() : host;
  if (name.find(':') != std::string::npos) name = "[" + name + "]";
  return "http://" + name + ":" + std::to_string(port) + "/";
}

result<dashboard::listener> listen(const start_options& how, const head_credentials& keys,
                                   std::vector<std::string>& notices) {
  auto wanted = dashboard::listen_at(keys.dashboard_host, keys.dashboard_port);
  if (wanted || how.dashboard_port || wanted.error().code != fault_code::address_in_use)
    return wanted;
  auto other = dashboard::listen_at(keys.dashboard_host, 0);
  if (other)
    notices.push_back(wanted.error().detail + "; it is at port " + std::to_string(other->port) +
                      " instead");
  return other;
}

std::set<std::string> names_of(const start_options& how, const head_credentials& keys) {
  std::set<std::string> names{how.dashboard_names.begin(), how.dashboard_names.end()};
  if (!is_for_this_machine_only(keys.dashboard_host)) names.insert(host_name());
  return names;
}

}  // namespace

result<dashboard_seat> take_dashboard_seat(const start_options& how, head_credentials& keys) {
  if (keys.dashboard_token.empty()) keys.dashboard_token = random_token();
  if (keys.observer.public_key.empty()) {
    keys.observer = transport::make_key_pair();
    keys.dashboard_host = "127.0.0.1";
    keys.dashboard_port = default_port;
  }
  if (!how.dashboard_host.empty()) keys.dashboard_host = how.dashboard_host;
  if (how.dashboard_port) keys.dashboard_port = *how.dashboard_port;
  if (auto ours = check_own_address(keys.dashboard_host); !ours) {
    const std::string flag = "--node-ip-address";
    auto& hint = ours.error().hint;
    if (const auto at = hint.find(flag); at != std::string::npos)
      hint.replace(at, flag.size(), "--dashboard-host");
    return std::move(ours).error();
  }
  dashboard_seat made;
  auto at = listen(how, keys, made.notices);
  if (!at) return std::move(at).error();
  made.at = std::move(*at);
  keys.dashboard_port = made.at.port;
  made.address = address_of(keys.dashboard_host, keys.dashboard_port);
  if (!is_for_this_machine_only(keys.dashboard_host))
    made.warnings.push_back("the dashboard at " + made.address +
                            " is plain HTTP: whoever sees the traffic sees its token; use an ssh "
                            "tunnel or a reverse proxy with TLS");
  return made;
}

std::string dashboard_link(const std::string& address, const head_credentials& keys) {
  return address + "?token=" + keys.dashboard_token;
}

head_dashboard::head_dashboard(actors::runtime& process, actors::head_address head,
                               dashboard_seat seat, const head_credentials& keys,
                               const start_options& how) {
  // Browsers keep cookies by host name, whatever the port: two heads of a machine need two names.
  const auto cookie = "fabric_" + head.cluster.substr(0, cookie_name_digits);
  head_ = std::make_unique<actors::head_connection>(process, std::move(head));
  page_ = std::make_unique<dashboard::dashboard>(
      std::move(seat.at),
      dashboard::gate_settings{.token = keys.dashboard_token,
                               .cookie = cookie,
                               .hosts = dashboard::host_list{names_of(how, keys)}},
      [this](const std::string& topic, const std::string& arguments) {
        return head_->ask(topic, arguments, answer_patience);
      });
  spdlog::info("dashboard at {}", seat.address);
}

}  // namespace fabric::daemon

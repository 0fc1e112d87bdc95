#include "actors/daemon/credentials.hpp"

#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "actors/daemon/state_dir.hpp"

namespace fabric::daemon {

namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t key_bytes = 32;

json to_json(const transport::key_pair& keys) {
  return {{"public", transport::to_hex(keys.public_key)},
          {"secret", transport::to_hex(keys.secret_key)}};
}

fault damaged(const std::string& path, const std::string& what) {
  return {fault_code::bad_message, path + ": " + what,
          "restore it, or remove the state directory to begin anew"};
}

/// Reads fields of one file; the first fault sticks.
class reader {
 public:
  reader(std::string path, const std::string& text)
      : path_(std::move(path)), all_(json::parse(text, nullptr, false)) {
    if (!all_.is_object()) why_ = damaged(path_, "no JSON object");
  }

  std::string text(const char* name) {
    if (why_) return {};
    auto found = all_.find(name);
    if (found == all_.end() || !found->is_string()) {
      why_ = damaged(path_, std::string{"the field '"} + name + "' is missing");
      return {};
    }
    return found->get<std::string>();
  }
  /// False for a field that earlier versions did not write.
  [[nodiscard]] bool has(const char* name) const { return !why_ && all_.contains(name); }
  std::string text_if_there(const char* name) { return has(name) ? text(name) : std::string{}; }
  std::uint64_t number(const char* name) {
    auto found = why_ ? all_.end() : all_.find(name);
    return found != all_.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  }
  std::string key(const char* name) { return from_hex(text(name), name); }
  transport::key_pair pair(const char* name) {
    if (why_) return {};
    auto found = all_.find(name);
    if (found == all_.end() || !found->is_object() || !found->contains("public") ||
        !found->contains("secret")) {
      why_ = damaged(path_, std::string{"the keys '"} + name + "' are missing");
      return {};
    }
    return {from_hex(found->value("public", ""), name), from_hex(found->value("secret", ""), name)};
  }
  [[nodiscard]] const std::optional<fault>& why() const { return why_; }

 private:
  std::string from_hex(const std::string& hex, const char* name) {
    auto bytes = transport::from_hex(hex, key_bytes);
    if (bytes) return *bytes;
    if (!why_) why_ = damaged(path_, std::string{"the key '"} + name + "' is no key");
    return {};
  }

  std::string path_;
  json all_;
  std::optional<fault> why_;
};

std::string keys_path(const std::string& state_dir) { return state_dir + "/keys.json"; }

template <class T>
result<T> checked(const reader& from, T value) {
  if (from.why()) return *from.why();
  return value;
}

}  // namespace

result<head_credentials> load_head(const std::string& state_dir) {
  auto text = read_secret_file(keys_path(state_dir));
  if (!text) return std::move(text).error();
  reader from{keys_path(state_dir), *text};
  if (from.text("kind") == "node")
    return fault{fault_code::config, state_dir + " belongs to a worker node, not to a head",
                 "give the head a --state-dir of its own"};
  head_credentials made{.server = from.pair("server"),
                        .node = from.pair("node"),
                        .client = from.pair("client"),
                        .joiner = from.pair("joiner"),
                        .bind_host = from.text("bind_host"),
                        .port = static_cast<std::uint16_t>(from.number("port")),
                        .advertised = from.text("advertised"),
                        .store = from.text_if_there("store")};
  if (from.has("observer")) {
    made.observer = from.pair("observer");
    made.dashboard_token = from.text("dashboard_token");
    made.dashboard_host = from.text("dashboard_host");
    made.dashboard_port = static_cast<std::uint16_t>(from.number("dashboard_port"));
  }
  return checked(from, std::move(made));
}

result<void> save(const std::string& state_dir, const head_credentials& what) {
  json all = {{"kind", "head"},
              {"server", to_json(what.server)},
              {"node", to_json(what.node)},
              {"client", to_json(what.client)},
              {"joiner", to_json(what.joiner)},
              {"bind_host", what.bind_host},
              {"port", what.port},
              {"advertised", what.advertised},
              {"store", what.store}};
  if (!what.observer.public_key.empty()) {  // a head that never had a dashboard has none of these
    all["observer"] = to_json(what.observer);
    all["dashboard_token"] = what.dashboard_token;
    all["dashboard_host"] = what.dashboard_host;
    all["dashboard_port"] = what.dashboard_port;
  }
  return write_secret_file(keys_path(state_dir), all.dump(2) + "\n");
}

result<node_credentials> load_node(const std::string& state_dir) {
  auto text = read_secret_file(keys_path(state_dir));
  if (!text) return std::move(text).error();
  reader from{keys_path(state_dir), *text};
  if (from.text("kind") == "head")
    return fault{fault_code::config, state_dir + " belongs to a head, not to a worker node",
                 "give the node a --state-dir of its own"};
  node_credentials made{.node = from.pair("node"),
                        .server_public_key = from.key("server_public_key"),
                        .address = from.text("address"),
                        .cluster = from.text("cluster"),
                        .epoch_seen = from.number("epoch_seen")};
  return checked(from, std::move(made));
}

result<void> save(const std::string& state_dir, const node_credentials& what) {
  const json all = {{"kind", "node"},
                    {"node", to_json(what.node)},
                    {"server_public_key", transport::to_hex(what.server_public_key)},
                    {"address", what.address},
                    {"cluster", what.cluster},
                    {"epoch_seen", what.epoch_seen}};
  return write_secret_file(keys_path(state_dir), all.dump(2) + "\n");
}

result<cluster_file> load_cluster(const std::string& path) {
  auto text = read_secret_file(path);
  if (!text) return std::move(text).error();
  reader from{path, *text};
  cluster_file made{.address = from.text("address"),
                    .server_public_key = from.key("server_public_key"),
                    .client = from.pair("client"),
                    .cluster = from.text("cluster"),
                    .state_dir = from.text("state_dir"),
                    .dashboard = from.text_if_there("dashboard")};
  return checked(from, std::move(made));
}

result<void> save(const std::string& path, const cluster_file& what) {
  json all = {{"address", what.address},
              {"server_public_key", transport::to_hex(what.server_public_key)},
              {"client", to_json(what.client)},
              {"cluster", what.cluster},
              {"state_dir", what.state_dir}};
  if (!what.dashboard.empty()) all["dashboard"] = what.dashboard;
  return write_secret_file(path, all.dump(2) + "\n");
}

result<std::string> default_cluster_file() {
  auto home = state_home();
  if (!home) return home;
  return *home + "/cluster.json";
}

result<std::string> find_cluster_file(const std::string& given) {
  if (!given.empty()) return given;
  if (const char* named = std::getenv("FABRIC_CLUSTER"); named != nullptr && *named != '\0')
    return std::string{named};
  auto left = default_cluster_file();
  if (left && access(left->c_str(), F_OK) != 0) return std::string{};
  return left;
}

}  // namespace fabric::daemon

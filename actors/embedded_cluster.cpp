#include "actors/embedded_cluster.hpp"

#include <future>

#include "actors/spawner/spawner.hpp"
#include "resources/detect.hpp"

namespace fabric::actors {

namespace {

constexpr auto join_patience = std::chrono::seconds{5};

}  // namespace

struct embedded_cluster::parts {
  std::unique_ptr<head> serving;
  std::unique_ptr<worker> node;
  head_address client;
};

result<std::unique_ptr<embedded_cluster>> embedded_cluster::start(
    runtime& process, std::shared_ptr<spawner::link> processes, const std::string& folder,
    const capacity& has) {
  const auto server = transport::make_key_pair();
  const auto node_keys = transport::make_key_pair();
  const auto client_keys = transport::make_key_pair();
  auto made = std::make_unique<parts>();
  head_options options{
      .durability = store::durability::process,
      .programs_folder = folder + "/blobs",
      .server = server,
      .admitted = {{node_keys.public_key, transport::role::worker, "embedded", 0, false},
                   {client_keys.public_key, transport::role::client, "embedded", 0, false}},
      .self_test = false,
      .give_up = [](const fault&) {}};
  auto serving = head::start(process, std::move(options));
  if (!serving) return std::move(serving).error();
  made->serving = std::move(*serving);
  made->client = {made->serving->endpoint(), server.public_key, client_keys,
                  made->serving->cluster()};

  auto boot = boot_id();
  if (!boot) return std::move(boot).error();
  node_settings node{
      .facts = {.id = transport::id_of_key(node_keys.public_key),
                .name = host_name(),
                .host = host_name(),
                .state_dir = folder,
                .base_env = own_environment()},
      .has = has,
      .head = {made->serving->endpoint(), server.public_key, node_keys, made->serving->cluster()},
      .incarnation = incarnation_id{1},
      .boot_id = *boot};
  auto contact = std::make_shared<std::promise<result<transport::welcome>>>();
  auto joined = contact->get_future();
  node.first_contact = [contact](result<transport::welcome> what) {
    contact->set_value(std::move(what));
  };
  node.broken = [](const fault&) {};
  made->node = worker::start(process, std::move(node), std::move(processes));
  if (joined.wait_for(join_patience) != std::future_status::ready)
    return fault{fault_code::internal, "the embedded node could not join its own head", ""};
  if (auto outcome = joined.get(); !outcome) return std::move(outcome).error();
  return std::unique_ptr<embedded_cluster>{new embedded_cluster{std::move(made)}};
}

embedded_cluster::embedded_cluster(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
embedded_cluster::~embedded_cluster() {
  parts_->node.reset();
  parts_->serving.reset();
}

const head_address& embedded_cluster::client() const { return parts_->client; }

}  // namespace fabric::actors

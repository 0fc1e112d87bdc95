#include "actors/head.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "actors/clock.hpp"
#include "actors/gateway/parcel_office.hpp"
#include "actors/gateway_actor.hpp"
#include "actors/runtime.hpp"
#include "actors/scheduler_actor.hpp"
#include "actors/shelf_actor.hpp"
#include "actors/store/writer.hpp"
#include "actors/store_actor.hpp"

namespace fabric::actors {

namespace {

/// Several heartbeats fit into a lease, so that one lost message costs nothing.
duration heartbeat_for(duration lease) {
  return std::min<duration>(std::chrono::seconds{2}, lease / 5);
}

std::vector<transport::peer_identity> identities(const std::vector<store::admitted_key>& keys) {
  std::vector<transport::peer_identity> all;
  for (const auto& key : keys)
    if (!key.revoked) all.push_back({key.as, key.public_key, transport::id_of_key(key.public_key)});
  return all;
}

/// What was revoked stays so: another key takes its place.
result<void> admit(store::head_store& rows, const head_options& how) {
  const auto known = rows.keys();
  if (!known) return known.error();
  for (auto key : how.admitted) {
    const bool is_revoked = std::ranges::any_of(
        *known, [&](const auto& one) { return one.revoked && one.public_key == key.public_key; });
    if (is_revoked && !how.renew) continue;
    if (is_revoked) key.public_key = how.renew(key);
    if (auto done = rows.admit(key); !done) return done;
  }
  return {};
}

std::string_view name_of(store::durability how) {
  return how == store::durability::full ? "full" : "process";
}

/// "tcp://0.0.0.0:6333" as `host` reaches it.
std::string with_host(const std::string& endpoint, const std::string& host) {
  if (host.empty()) return endpoint;
  return "tcp://" + host + endpoint.substr(endpoint.rfind(':'));
}

}  // namespace

struct head::parts {
  runtime* process = nullptr;
  std::shared_ptr<store::writer> writer;
  store_actor store;
  scheduler_actor scheduler;
  shelf_actor shelf;
  gateway_actor gateway;
  std::string endpoint;
  std::string cluster;
  std::uint64_t epoch = 0;
  bool running = false;
};

result<std::unique_ptr<head>> head::start(runtime& process, head_options how) {
  auto made = std::make_unique<parts>();
  made->process = &process;
  auto opened = store::head_store::open(how.store_path, how.durability);
  if (!opened) return std::move(opened).error();
  made->cluster = opened->cluster();
  if (auto done = admit(*opened, how); !done) return std::move(done).error();
  auto keys = opened->keys();
  if (!keys) return std::move(keys).error();
  auto epoch = opened->next_epoch();
  if (!epoch) return std::move(epoch).error();
  made->epoch = *epoch;
  auto content = opened->load();
  if (!content) return std::move(content).error();

  process.loop().admit(identities(*keys));
  auto endpoint = process.loop().listen({.endpoint = how.endpoint, .keys = how.server});
  if (!endpoint) return std::move(endpoint).error();
  if (how.self_test) {
    auto safe = process.loop().prove_strangers_are_refused(*endpoint, how.server.public_key);
    if (!safe) return std::move(safe).error();
  }
  made->endpoint = with_host(*endpoint, how.advertised_host);
  made->writer = std::make_shared<store::writer>(std::move(*opened));

  auto core = scheduler::engine::restore(how.scheduling, std::move(*content), now());
  auto parcels = std::make_shared<parcel_office>(process.loop(), made->epoch, how.scheduling.lease,
                                                 core.owners());
  const auto build = transport::this_build();
  nlohmann::ordered_json about = {{"address", made->endpoint.substr(6)},
                                  {"version", build.software},
                                  {"cluster", made->cluster},
                                  {"epoch", made->epoch},
                                  {"lease_ms", how.scheduling.lease.count() / 1000},
                                  {"durability", name_of(how.durability)},
                                  {"started", wall_ms()}};
  if (!how.dashboard.empty()) about["dashboard"] = how.dashboard;
  auto& system = process.actors();
  made->store = spawn_store(system, made->writer);
  made->scheduler = spawn_scheduler(system,
                                    {.how = how.scheduling,
                                     .give_up = std::move(how.give_up),
                                     .about = about.dump(),
                                     .warnings = std::move(how.warnings)},
                                    std::move(core), made->store);
  made->shelf = spawn_shelf(system, how.programs_folder);
  made->gateway = spawn_gateway(system,
                                {.who = {build, made->cluster, made->epoch},
                                 .lease = how.scheduling.lease,
                                 .heartbeat = heartbeat_for(how.scheduling.lease),
                                 .admitted = identities(*keys),
                                 .own_keys = std::move(how.own_keys),
                                 .parcels = parcels,
                                 .shelf = made->shelf},
                                process.loop(), made->scheduler, made->store);
  caf::anon_send(made->scheduler, made->gateway);
  process.router().set_gateway([gateway = made->gateway, parcels](auto events) {
    parcels->take(events);
    if (!events.empty()) caf::anon_send(gateway, link_news{std::move(events)});
  });
  made->running = true;
  return std::unique_ptr<head>{new head{std::move(made)}};
}

head::head(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

head::~head() { stop(); }

const std::string& head::endpoint() const { return parts_->endpoint; }
const std::string& head::cluster() const { return parts_->cluster; }
std::uint64_t head::epoch() const { return parts_->epoch; }

void head::stop() {
  if (!std::exchange(parts_->running, false)) return;
  parts_->process->router().set_gateway(nullptr);
  caf::scoped_actor self{parts_->process->actors()};
  const auto reason = caf::exit_reason::user_shutdown;
  self->send_exit(parts_->gateway, reason);
  self->send_exit(parts_->scheduler, reason);
  self->send_exit(parts_->store, reason);
  self->send_exit(parts_->shelf, reason);
  self->wait_for(parts_->gateway, parts_->scheduler, parts_->store, parts_->shelf);
  parts_->writer->stop();
}

}  // namespace fabric::actors

#include "actors/runtime.hpp"

#include <caf/all.hpp>

namespace fabric::actors {

struct runtime::parts {
  // In this order: the loop's thread may still send to actors while it ends.
  caf::actor_system_config config;
  link_router router;
  std::unique_ptr<caf::actor_system> actors;
  std::unique_ptr<transport::poll_loop> loop;
};

result<std::unique_ptr<runtime>> runtime::start(std::size_t threads) {
  auto made = std::make_unique<parts>();
  // "sharing": work stealing polls and adds milliseconds when there is little to do.
  made->config.set("scheduler.policy", caf::atom("sharing"));
  made->config.set("scheduler.max-threads", threads);
  made->config.set("logger.verbosity", caf::atom("quiet"));
  made->actors = std::make_unique<caf::actor_system>(made->config);
  auto loop = transport::poll_loop::start({}, made->router.sink());
  if (!loop) return std::move(loop).error();
  made->loop = std::move(*loop);
  return std::unique_ptr<runtime>{new runtime{std::move(made)}};
}

runtime::runtime(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

runtime::~runtime() { parts_->loop->stop(); }

caf::actor_system& runtime::actors() { return *parts_->actors; }
transport::poll_loop& runtime::loop() { return *parts_->loop; }
link_router& runtime::router() { return parts_->router; }

}  // namespace fabric::actors

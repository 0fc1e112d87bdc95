#include "actors/worker.hpp"

#include <thread>
#include <utility>

#include "actors/spawner/spawner.hpp"

namespace fabric::actors {

struct worker::parts {
  runtime* process = nullptr;
  std::shared_ptr<spawner::link> processes;
  node_actor node;
  std::thread listener;
};

namespace {

/// Everything the spawner says, to the node, until it is gone or shut.
void listen(const std::shared_ptr<spawner::link>& processes, const node_actor& node) {
  while (auto message = processes->receive()) {
    spawner_news news;
    news.messages.push_back(std::move(*message));
    caf::anon_send(node, std::move(news));
  }
  caf::anon_send(node, spawner_gone{});
}

}  // namespace

std::unique_ptr<worker> worker::start(runtime& process, node_settings how,
                                      std::shared_ptr<spawner::link> processes) {
  auto made = std::make_unique<parts>();
  made->process = &process;
  made->processes = processes;
  made->node = spawn_node(process.actors(), std::move(how), process.loop(), process.router(),
                          processes);
  made->listener = std::thread{[processes, node = made->node] { listen(processes, node); }};
  return std::unique_ptr<worker>{new worker{std::move(made)}};
}

worker::worker(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

worker::~worker() {
  {
    caf::scoped_actor self{parts_->process->actors()};
    self->send_exit(parts_->node, caf::exit_reason::user_shutdown);
    self->wait_for(parts_->node);
  }
  parts_->processes->shut();
  parts_->listener.join();
}

void worker::drain(duration deadline, std::function<void()> done) {
  caf::anon_send(parts_->node, stop_node{deadline, std::move(done)});
}

}  // namespace fabric::actors

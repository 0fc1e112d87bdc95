#include "bench/harness/caf_peer.hpp"

#include <unistd.h>

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <fabric/caf.hpp>
#include <optional>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

constexpr const char* counter_name = "counter";
constexpr auto patience = std::chrono::seconds{60};

struct caf_settings : caf::actor_system_config {
  explicit caf_settings(caf_carrier by) {
    if (by != caf_carrier::io_stealing) set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2u);
    set("logger.verbosity", caf::atom("quiet"));
    if (by != caf_carrier::fabric) load<caf::io::middleman>();
  }
};

/// An actor system, and its place in a cluster where that is what carries.
struct place {
  place(caf_carrier by, const std::string& cluster_file) : settings(by), system(settings) {
    if (by == caf_carrier::fabric) node.emplace(system, caf_node_options{.cluster = cluster_file});
  }
  caf_settings settings;
  caf::actor_system system;
  std::optional<caf_node> node;
};

caf::behavior counter(caf::stateful_actor<std::int64_t>* self) {
  return {[self](std::int32_t n) { self->state += n; },
          [self](const std::string& text) { self->state += text.empty() ? 0 : 1; },
          [self](caf::get_atom) { return self->state; },
          [](std::int32_t a, std::int32_t b) { return a + b; }};
}

template <class T>
T require(caf::actor_system& system, caf::expected<T> outcome) {
  if (!outcome) throw case_failed{"CAF: " + system.render(outcome.error())};
  return std::move(*outcome);
}

}  // namespace

void serve_caf_counter(caf_carrier by, const std::string& cluster_file,
                       const std::function<void(const std::string&)>& ready) {
  place here{by, cluster_file};
  const auto actor = here.system.spawn(counter);
  if (here.node) {
    here.node->publish(actor, counter_name);
    ready(counter_name);
  } else {
    ready(std::to_string(
        require(here.system, here.system.middleman().publish(actor, 0, "127.0.0.1"))));
  }
  for (;;) pause();
}

struct caf_client::parts {
  parts(caf_carrier by, const std::string& cluster_file, const std::string& where)
      : here(by, cluster_file),
        whom(require(here.system,
                     here.node ? here.node->lookup(where, patience)
                               : here.system.middleman().remote_actor(
                                     "127.0.0.1", static_cast<std::uint16_t>(std::stoi(where))))),
        self(here.system) {}

  std::int64_t sum() {
    std::int64_t sum = -1;
    self->request(whom, patience, caf::get_atom::value)
        .receive([&sum](std::int64_t n) { sum = n; },
                 [this](const caf::error& why) { throw case_failed{here.system.render(why)}; });
    return sum;
  }

  place here;
  caf::actor whom;
  caf::scoped_actor self;
};

caf_client::caf_client(caf_carrier by, const std::string& cluster_file, const std::string& where)
    : parts_(std::make_unique<parts>(by, cluster_file, where)) {
  parts_->sum();
}
caf_client::~caf_client() = default;

double caf_client::round_trip_us(std::size_t count) {
  std::vector<double> taken;
  taken.reserve(count);
  auto& self = parts_->self;
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = timer::now();
    std::int32_t sum = 0;
    self->request(parts_->whom, patience, std::int32_t{40}, std::int32_t{2})
        .receive([&sum](std::int32_t n) { sum = n; }, [](const caf::error&) {});
    taken.push_back(seconds_since(start) * 1e6);
    bench::require(sum == 42, "a request was answered wrongly");
  }
  return median(std::move(taken));
}

double caf_client::rate(std::size_t count, std::size_t text_bytes) {
  auto& self = parts_->self;
  const std::string text(text_bytes, 'x');
  const auto before = parts_->sum();
  const auto start = timer::now();
  for (std::size_t i = 0; i < count; ++i) {
    if (text.empty())
      self->send(parts_->whom, std::int32_t{1});
    else
      self->send(parts_->whom, text);
  }
  const auto after = parts_->sum();
  const double taken = seconds_since(start);
  bench::require(after - before == static_cast<std::int64_t>(count), "messages are missing");
  return static_cast<double>(count) / taken;
}

}  // namespace fabric::bench

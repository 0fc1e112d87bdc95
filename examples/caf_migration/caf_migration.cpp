/// A store of counters, clients that count in it, and a watcher that reports when it is lost: a CAF
/// program, by caf::io (BY_CAF_IO) and over a cluster. What differs stands between #ifdef and
/// #endif: how the system is set up, and the two calls that publish and find an actor.
///
///   caf_migration store WHERE          serves until it is killed; WHERE: a name (caf::io: a port)
///   caf_migration count WHERE N        adds 1 to "hits" N times, and to a counter of its own
///   caf_migration show WHERE           prints "hits"
///   caf_migration watch WHERE          prints when the store is lost
#include <unistd.h>

#include <caf/all.hpp>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>
#ifdef BY_CAF_IO
#include <caf/io/all.hpp>
#else
#include <fabric/caf.hpp>
#endif

using namespace std::chrono_literals;

namespace {

constexpr auto patience = 30s;

struct settings : caf::actor_system_config {
  settings() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2u);
#ifdef BY_CAF_IO
    load<caf::io::middleman>();
#endif
  }
};

/// An actor system that others reach.
struct program {
  settings how;
  caf::actor_system system{how};
#ifndef BY_CAF_IO
  fabric::caf_node node{system};  // in the cluster of $FABRIC_CLUSTER
#endif
};

template <class T>
T value_of(caf::actor_system& system, caf::expected<T> what) {
  if (!what) throw std::runtime_error(system.render(what.error()));
  return std::move(*what);
}

/// The first call that differs. Answers where others find it.
std::string publish(program& here, const caf::actor& store, const std::string& where) {
#ifdef BY_CAF_IO
  const auto wanted = static_cast<std::uint16_t>(std::stoi(where));
  const auto port = here.system.middleman().publish(store, wanted, "127.0.0.1");
  return std::to_string(value_of(here.system, port));
#else
  here.node.publish(store, where);
  return where;
#endif
}

/// The second.
caf::actor find(program& here, const std::string& where) {
#ifdef BY_CAF_IO
  const auto port = static_cast<std::uint16_t>(std::stoi(where));
  return value_of(here.system, here.system.middleman().remote_actor("127.0.0.1", port));
#else
  return value_of(here.system, here.node.lookup(where, patience));
#endif
}

using counters = std::map<std::string, std::int64_t>;

caf::behavior counting(caf::stateful_actor<counters>* self) {
  return {[self](caf::add_atom, const std::string& key) { return ++self->state[key]; },
          [self](caf::get_atom, const std::string& key) { return self->state[key]; }};
}

/// Throws where there is no answer.
template <class... Ts>
std::int64_t ask(program& here, caf::scoped_actor& self, const caf::actor& store,
                 const Ts&... what) {
  std::int64_t answer = 0;
  self->request(store, patience, what...)
      .receive([&](std::int64_t n) { answer = n; },
               [&](const caf::error& why) { throw std::runtime_error(here.system.render(why)); });
  return answer;
}

int serve(program& here, const std::string& where) {
  const auto store = here.system.spawn(counting);
  std::cout << publish(here, store, where) << std::endl;
  caf::scoped_actor self{here.system};
  self->wait_for(store);
  return 0;
}

/// Each answer is one more than the last; so nothing was lost, and nothing came twice.
int count(program& here, const std::string& where, std::int64_t times) {
  const auto store = find(here, where);
  caf::scoped_actor self{here.system};
  const std::string own = "hits of " + std::to_string(getpid());
  for (std::int64_t i = 1; i <= times; ++i) {
    ask(here, self, store, caf::add_atom::value, "hits");
    if (ask(here, self, store, caf::add_atom::value, own) != i)
      throw std::runtime_error("a count went astray");
  }
  std::cout << "counted " << times << std::endl;
  return 0;
}

int show(program& here, const std::string& where) {
  const auto store = find(here, where);
  caf::scoped_actor self{here.system};
  std::cout << "hits: " << ask(here, self, store, caf::get_atom::value, "hits") << std::endl;
  return 0;
}

int watch(program& here, const std::string& where) {
  const auto store = find(here, where);
  caf::scoped_actor self{here.system};
  self->monitor(store);
  std::cout << "watching" << std::endl;
  self->receive([&](const caf::down_msg& what) {
    std::cout << "the store is lost: " << here.system.render(what.reason) << std::endl;
  });
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string what = words.empty() ? "" : words.front();
  const std::size_t wanted = what == "count" ? 3 : 2;
  if ((what != "store" && what != "count" && what != "show" && what != "watch") ||
      words.size() != wanted) {
    std::cerr << "usage: caf_migration store|show|watch WHERE, or caf_migration count WHERE N\n";
    return 2;
  }
  try {
    program here;
    if (what == "store") return serve(here, words[1]);
    if (what == "count") return count(here, words[1], std::stol(words[2]));
    if (what == "show") return show(here, words[1]);
    return watch(here, words[1]);
  } catch (const std::exception& why) {
    std::cerr << "caf_migration: " << why.what() << '\n';
    return 1;
  }
}

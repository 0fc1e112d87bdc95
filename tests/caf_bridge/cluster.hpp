#pragma once

#include <atomic>
#include <caf/all.hpp>
#include <fabric/caf.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "actors/head.hpp"
#include "actors/runtime.hpp"

/// Programs of a cluster in one process: a head, and actor systems that each have a session.
namespace fabric::actors {

class cluster {
 public:
  cluster();
  ~cluster();

  [[nodiscard]] std::string file() const { return folder_ + "/cluster.json"; }

 private:
  std::string folder_;
  std::unique_ptr<runtime> process_;
  std::unique_ptr<head> head_;
};

/// An error category of a program's own.
enum class mishap : std::uint8_t { spilled = 1, broken };
inline caf::error make_error(mishap what) {
  return {static_cast<std::uint8_t>(what), caf::atom("mishap"), caf::make_message("on the floor")};
}

/// Whoever reads one waits while the gate is shut: the link of that program does nothing meanwhile,
/// and confirms nothing.
struct gate {
  int value = 0;
};
inline std::atomic<bool> gate_is_open = true;
/// Shuts the gate. Make it after the programs, which wait for their links when they end.
struct shut_gate {
  shut_gate() { gate_is_open = false; }
  ~shut_gate() { open(); }
  static void open() {
    gate_is_open = true;
    gate_is_open.notify_all();
  }
};
template <class Inspector>
auto inspect(Inspector& f, gate& x) {
  if constexpr (Inspector::writes_state) gate_is_open.wait(false);
  return f(caf::meta::type_name("gate"), x.value);
}

/// That only some programs know.
struct riddle {
  int value = 0;
};
template <class Inspector>
auto inspect(Inspector& f, riddle& x) {
  return f(caf::meta::type_name("riddle"), x.value);
}

enum class knows { all, no_riddle };

struct program_settings : caf::actor_system_config {
  explicit program_settings(knows what);
};

/// Lines that nobody else was told.
class complaint_book {
 public:
  void add(const std::string& line);
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  mutable std::mutex guard_;
  std::vector<std::string> lines_;
};

/// An actor system and its place in the cluster. Actors that it spawned end with it.
struct program {
  explicit program(const cluster& of, caf_node_options how = {}, knows what = knows::all);
  ~program();

  template <class... Ts>
  auto spawn(Ts&&... how) {
    auto actor = system.spawn(std::forward<Ts>(how)...);
    spawned.push_back(caf::actor_cast<caf::strong_actor_ptr>(actor));
    return actor;
  }
  template <class Handle = caf::actor>
  Handle find(const std::string& name) {
    auto found = node.lookup<Handle>(name, std::chrono::seconds{10});
    if (!found) throw std::runtime_error(system.render(found.error()));
    return *found;
  }
  /// A number as text, or "error" and what it says.
  template <class Handle, class... Ts>
  std::string ask(const Handle& whom, const Ts&... words) {
    std::string told;
    self->request(whom, caf::infinite, words...)
        .receive([&](int n) { told = std::to_string(n); },
                 [&](const caf::error& why) { told = "error " + system.render(why); });
    return told;
  }

  complaint_book complaints;
  program_settings settings;
  caf::actor_system system{settings};
  caf_node node;
  caf::scoped_actor self{system};
  std::vector<caf::strong_actor_ptr> spawned;
};

/// Adds two numbers.
caf::behavior adder();

}  // namespace fabric::actors

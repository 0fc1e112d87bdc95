/// Two programs of a cluster in one process, as a user writes them: one publishes an actor, the
/// other asks it.
#include <caf/all.hpp>
#include <chrono>
#include <fabric/caf.hpp>
#include <iostream>

using namespace std::chrono_literals;

caf::behavior adder() {
  return {[](int a, int b) { return a + b; }};
}

int main() {
  caf::actor_system_config settings;
  caf::actor_system system{settings};
  caf::actor_system other{settings};
  try {
    fabric::caf_node here{system};
    fabric::caf_node there{other};
    there.publish(other.spawn(adder), "adder");
    const auto found = here.lookup("adder", 10s);
    if (!found) throw std::runtime_error(system.render(found.error()));
    caf::scoped_actor self{system};
    self->request(*found, 10s, 40, 2)
        .receive([](int sum) { std::cout << sum << '\n'; },
                 [&](const caf::error& why) { std::cout << system.render(why) << '\n'; });
    caf::anon_send_exit(*found, caf::exit_reason::user_shutdown);
  } catch (const std::exception& why) {
    std::cerr << why.what() << '\n';
    return 1;
  }
}

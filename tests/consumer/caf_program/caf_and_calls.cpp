/// A function that runs anywhere is called by an actor of CAF.
#include <caf/all.hpp>
#include <fabric/caf.hpp>
#include <fabric/fabric.hpp>
#include <iostream>

int square(int n) { return n * n; }
FABRIC_FUNCTION(square);

int main(int argc, char** argv) {
  auto session = fabric::init(argc, argv);
  caf::actor_system_config settings;
  caf::actor_system system{settings};
  caf::scoped_actor self{system};
  const auto asked = system.spawn(
      [&]() -> caf::behavior { return {[&](int n) { return session.submit(square, n).get(); }}; });
  self->request(asked, caf::infinite, 9)
      .receive([](int n) { std::cout << n << '\n'; }, [](const caf::error&) {});
}

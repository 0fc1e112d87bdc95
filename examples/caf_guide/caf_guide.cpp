/// Every piece of code in docs/caf.md, compiled and run on a cluster. Prints what the page says.
/// Two programs of the page are two actor systems here.
#include <caf/all.hpp>
#include <chrono>
#include <cstdio>
#include <fabric/caf.hpp>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

struct order {
  std::string item;
  int count = 1;
};
template <class Inspector>
auto inspect(Inspector& f, order& x) {
  return f(caf::meta::type_name("order"), x.item, x.count);
}

struct settings : caf::actor_system_config {
  settings() {
    set("scheduler.policy", caf::atom("sharing"));  // the default one polls
    add_message_type<order>("order");               // under one name in all programs
  }
};

caf::behavior shop() {
  return {[](const order& what) { return "sold " + what.item; },
          [](caf::link_atom, const caf::actor& customer) { caf::anon_send(customer, 7); }};
}

using calculator = caf::typed_actor<caf::replies_to<int, int>::with<int>>;

calculator::behavior_type adding() {
  return {[](int a, int b) { return a + b; }};
}

void serve(caf::actor_system& system, fabric::caf_node& node) {
  caf::actor pears = system.spawn(shop);
  try {
    node.publish(pears, "shop");  // was: system.middleman().publish(pears, port)
  } catch (const fabric::usage_error& why) {
    std::cerr << why.what() << '\n';  // KEY_CONFLICT: another program holds the name
  }
  node.publish(system.spawn(adding), "calculator");
}

void buy(caf::actor_system& system, fabric::caf_node& node) {
  auto found = node.lookup("shop", 5s);  // was: system.middleman().remote_actor(host, port)
  if (!found) {
    std::cerr << system.render(found.error()) << '\n';
    return;
  }
  caf::scoped_actor self{system};
  self->request(*found, 1s, order{"pears", 3})
      .receive([](const std::string& told) { std::cout << told << '\n'; },
               [&](const caf::error& why) { std::cout << system.render(why) << '\n'; });
  self->send(*found, caf::link_atom::value, caf::actor{self});
  self->receive([](int n) { std::cout << n << '\n'; });
}

void add(caf::actor_system& system, fabric::caf_node& node) {
  caf::scoped_actor self{system};
  auto sums = node.lookup<calculator>("calculator", 5s);
  self->request(*sums, 1s, 40, 2)
      .receive([](int sum) { std::cout << sum << '\n'; }, [](const caf::error&) {});
  auto wrong = node.lookup("calculator");
  std::cout << (wrong == caf::sec::unexpected_actor_messaging_interface) << '\n';
}

void watch(caf::actor_system& system, fabric::caf_node& node, fabric::caf_node& others) {
  auto found = node.lookup("shop", 5s);
  caf::scoped_actor self{system};
  self->monitor(*found);
  others.close();  // or its program is killed, or out of reach for longer than the head's lease
  self->receive(
      [&](const caf::down_msg& what) { std::cout << system.render(what.reason) << '\n'; });
  self->request(*found, 1s, order{"plums", 1})
      .receive([](const std::string&) {},
               [&](const caf::error&) { std::cout << "nobody is there\n"; });
}

void take_the_name(fabric::caf_node& node, const caf::actor& whom) {
  node.publish(whom, "till", {.name_space = "market"});
  node.unpublish("till", {.name_space = "market"});  // then it may be another program's
}

int main() {
  settings how;
  caf::actor_system there{how};
  caf::actor_system here{how};
  try {
    fabric::caf_node others{there};
    serve(there, others);

    fabric::caf_node node{here,
                          {.name = "customer",
                           .waiting_bytes_max = 16 << 20,
                           .complain = [](const std::string& line) { std::cerr << line << '\n'; }}};
    buy(here, node);
    add(here, node);
    auto till = here.spawn(shop);
    take_the_name(node, till);
    caf::anon_send_exit(till, caf::exit_reason::user_shutdown);
    auto pears = others.lookup("shop");
    auto sums = others.lookup<calculator>("calculator");
    watch(here, node, others);
    caf::anon_send_exit(*pears, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(*sums, caf::exit_reason::user_shutdown);
  } catch (const fabric::usage_error& why) {
    std::cerr << why.what() << '\n';
    return 1;
  }
}

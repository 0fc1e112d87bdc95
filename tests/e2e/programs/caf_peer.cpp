#include <caf/all.hpp>
#include <fabric/caf.hpp>

#include <iostream>
#include <thread>

/// A CAF program that tests run several times over: `caf_peer ROLE WORDS...`.
namespace {

using namespace std::chrono_literals;
using caf::actor;

struct secret {
  int value = 0;
};
template <class Inspector>
auto inspect(Inspector& f, secret& x) {
  return f(caf::meta::type_name("secret"), x.value);
}

struct settings : caf::actor_system_config {
  explicit settings(bool knows_secret) {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2u);
    set("logger.verbosity", caf::atom("quiet"));
    add_message_type<std::vector<int>>("ints");
    if (knows_secret) add_message_type<secret>("secret");
  }
};

void say(const std::string& line) { std::cout << line << std::endl; }

/// Adds, counts, meets others, holds on to requests, ends when told to.
caf::behavior server(caf::stateful_actor<std::vector<int>>* self, std::string name) {
  return {[self](int n) { self->state.push_back(n); },
          [](int a, int b) { return a + b; },
          [self](caf::get_atom) { return self->state; },
          [](const std::string& text, const actor& whom) { caf::anon_send(whom, text); },
          [self](caf::forward_atom, const actor& whom, int a, int b) {
            return self->delegate(whom, a, b);
          },
          [self, name](caf::ok_atom) {
            say("asked " + name);
            self->state.push_back(0);
            return self->make_response_promise<int>();
          },
          [self](caf::close_atom) { self->quit(caf::exit_reason::user_shutdown); },
          [](secret) { return 1; },
          [self](caf::link_atom, const actor& whom) { self->link_to(whom); }};
}

int serve(caf::actor_system& system, fabric::caf_node& node, const std::string& name) {
  auto one = system.spawn(server, name);
  try {
    node.publish(one, name);
  } catch (const fabric::usage_error& e) {
    say("refused " + std::string{name_of(e.kind())} + " " + e.message());
    caf::anon_send_exit(one, caf::exit_reason::kill);
    return 1;
  }
  say("published");
  caf::scoped_actor self{system};
  self->wait_for(one);
  say("ended");
  return 0;
}

template <class... Ts>
std::string asked(caf::actor_system& system, const actor& whom, caf::timespan limit, Ts... words) {
  caf::scoped_actor self{system};
  std::string told;
  self->request(whom, limit, words...)
      .receive([&](int n) { told = std::to_string(n); },
               [&](const caf::error& e) { told = "error " + system.render(e); });
  return told;
}

int talk(caf::actor_system& system, fabric::caf_node& node, const std::vector<std::string>& words) {
  const std::string& what = words.at(0);
  auto found = node.lookup(words.at(1), what == "unknown" ? 0s : 10s);
  if (!found) {
    say("error " + system.render(found.error()));
    return 1;
  }
  const actor whom = *found;
  caf::scoped_actor self{system};
  if (what == "add") say(asked(system, whom, 10s, 40, 2));
  if (what == "secret") say(asked(system, whom, 10s, secret{1}));
  if (what == "handle") {  // ours, and a third program's, within messages
    self->send(whom, "hello", caf::actor_cast<actor>(self.ptr()));
    self->receive([](const std::string& text) { say(text); },
                  caf::after(10s) >> [] { say("late"); });
  }
  if (what == "delegate") {
    auto third = node.lookup(words.at(2), 10s);
    say(asked(system, whom, 10s, caf::forward_atom::value, *third, 4, 5));
  }
  if (what == "order") {
    const int count = std::stoi(words.at(2));
    say("sending");
    for (int i = 0; i < count; ++i) {
      self->send(whom, i);
      if (i % 20 == 0) std::this_thread::sleep_for(1ms);
    }
    self->request(whom, 60s, caf::get_atom::value)
        .receive(
            [&](const std::vector<int>& all) {
              bool is_right = static_cast<int>(all.size()) == count;
              for (int i = 0; is_right && i < count; ++i) is_right = all[i] == i;
              say(is_right ? "all in order" : "wrong: " + std::to_string(all.size()));
            },
            [&](const caf::error& e) { say("error " + system.render(e)); });
  }
  if (what == "monitor" || what == "link") {
    if (what == "monitor") self->monitor(whom);
    if (what == "link") self->link_to(whom);
    say("watching");
    if (words.size() > 2) self->send(whom, caf::close_atom::value);
    self->receive([&](const caf::down_msg& m) { say("down " + system.render(m.reason)); },
                  [&](const caf::exit_msg& m) { say("exit " + system.render(m.reason)); });
  }
  if (what == "hold") say(asked(system, whom, 60s, caf::ok_atom::value));
  if (what == "kill") self->send_exit(whom, caf::exit_reason::kill);
  if (what == "linked") {  // the other side is linked to an actor of ours, which ends
    auto mine = system.spawn([](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
    self->monitor(whom);
    self->send(whom, caf::link_atom::value, mine);
    std::this_thread::sleep_for(500ms);
    caf::anon_send_exit(mine, caf::exit_reason::user_shutdown);
    self->receive([&](const caf::down_msg& m) { say("down " + system.render(m.reason)); });
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  settings config(words.at(0) != "ignorant");
  caf::actor_system system{config};
  try {
    fabric::caf_node node{system};
    if (words.at(0) == "serve" || words.at(0) == "ignorant")
      return serve(system, node, words.at(1));
    return talk(system, node, words);
  } catch (const fabric::usage_error& e) {
    say("refused " + e.message());
    return 1;
  }
}

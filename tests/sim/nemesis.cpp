#include "tests/sim/nemesis.hpp"

namespace fabric::sim {

using namespace std::chrono_literals;

nemesis::nemesis(world& w, cast who, std::uint64_t seed) : w_(w), who_(who), dice_(seed) {
  pace_ = dice_.between(duration{1s}, 15s);
  if (dice_.chance(0.7)) {
    usual_.drop = static_cast<double>(dice_.below(20)) / 100;
    usual_.duplicate = static_cast<double>(dice_.below(30)) / 100;
    usual_.hold = static_cast<double>(dice_.below(10)) / 100;
    usual_.hold_longest = dice_.chance(0.5) ? w.how.lease * 3 : w.how.lease / 4;
  }
  w_.net.change(usual_);
}

void nemesis::run_until(instant end) { strike(end); }

/// Short, about a lease, or longer than everybody's patience.
duration nemesis::a_while() {
  const auto roll = dice_.below(3);
  if (roll == 0) return dice_.between(duration{10ms}, 1s);
  if (roll == 1) return dice_.between(w_.how.lease / 2, w_.how.lease + w_.how.margin);
  return dice_.between(duration{1s}, w_.how.lease * 2);
}

void nemesis::strike(instant end) {
  const duration wait = dice_.between(duration{10ms}, pace_ * 2);
  if (w_.time.now() + wait >= end) {
    w_.time.at(end, [this] { heal(); });
    return;
  }
  w_.time.after(wait, [this, end] {
    const auto roll = dice_.below(100);
    if (roll < 25)
      strike_head();
    else if (roll < 60)
      strike_node();
    else if (roll < 85)
      strike_network();
    else if (roll < 95)
      strike_client();
    else
      operate();
    strike(end);
  });
}

void nemesis::strike_head() {
  switch (dice_.below(6)) {
    case 0:
    case 1:
      return who_.top->crash(dice_.chance(0.5) ? dice_.between(duration{10ms}, 1s) : a_while());
    case 2: return who_.top->stop_for(a_while());
    case 3: return who_.top->next_commit(commit_fate::fails_without_effect);
    case 4: return who_.top->next_commit(commit_fate::fails_with_effect);
    default: return who_.top->make_store_slow(2s, w_.time.now() + a_while());
  }
}

void nemesis::strike_node() {
  auto& victim = *(*who_.nodes)[dice_.below(who_.nodes->size())];
  switch (dice_.below(5)) {
    case 4: return victim.leave(a_while());
    case 0: return victim.crash_daemon(dice_.between(duration{10ms}, 3s));
    case 1: return victim.crash_machine(a_while());
    default: return victim.stop_for(a_while());
  }
}

void nemesis::strike_network() {
  const auto other = static_cast<address>(1 + dice_.below(who_.nodes->size()));
  const instant until = w_.time.now() + a_while();
  switch (dice_.below(6)) {
    case 0: return w_.net.cut(0, other, until);
    case 1: return w_.net.cut(other, 0, until);
    case 2: w_.net.cut(0, other, until); return w_.net.cut(other, 0, until);
    case 3:
      for (address a = 1; a <= who_.nodes->size(); ++a) {
        w_.net.cut(0, a, until);
        w_.net.cut(a, 0, until);
      }
      return;
    case 4: {
      w_.net.change({0.3, 0.3, 0.3, w_.how.lease * 3, 500ms});
      w_.time.at(until, [this] { w_.net.change(usual_); });
      return;
    }
    default: {
      const address client = dice_.chance(0.5) ? 1000 : 1001;
      w_.net.cut(0, client, until);
      if (dice_.chance(0.5)) w_.net.cut(client, 0, until);
      return;
    }
  }
}

void nemesis::strike_client() {
  const duration down = a_while();
  switch (dice_.below(4)) {
    case 0: return who_.client->crash(down);
    case 1: return who_.client->stop_for(down);
    case 2: return who_.tuner->crash(down);
    default: return who_.tuner->stop_for(down);
  }
}

/// An operator forgets a node only when its machine is down, as the command asks to be sure of.
void nemesis::operate() {
  for (const auto& n : *who_.nodes) {
    if (n->is_machine_up()) continue;
    w_.log.say("operator", "forgets " + to_string(n->id()));
    return who_.top->forget(n->id());
  }
}

void nemesis::heal() {
  w_.log.say("nemesis", "rests");
  usual_ = weather{};
  w_.net.heal();
  who_.top->heal();
  for (const auto& n : *who_.nodes) n->heal();
  who_.client->heal();
  who_.tuner->heal();
}

}  // namespace fabric::sim

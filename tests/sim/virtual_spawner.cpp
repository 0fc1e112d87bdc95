#include "tests/sim/virtual_spawner.hpp"

#include <vector>

namespace fabric::sim {

using namespace std::chrono_literals;
using scheduler::ending;
namespace told = scheduler::agent_event;

void virtual_spawner::attach(const machine_clock& clock, teller tell) {
  clock_ = &clock;
  tell_ = std::move(tell);
  fence_ = instant{};
  ++fences_set_;
}

void virtual_spawner::daemon_died() {
  tell_ = nullptr;
  std::vector<attempt_id> all;
  for (const auto& [id, p] : runs_) all.push_back(id);
  for (const auto id : all) kill_within(id, 0s, 2s, ending::lost);
}

void virtual_spawner::machine_died() {
  tell_ = nullptr;
  std::vector<std::pair<attempt_id, std::uint64_t>> all;
  for (const auto& [id, p] : runs_) all.emplace_back(id, p.run);
  for (const auto& [id, run] : all) end(id, run, ending::lost, false);
}

void virtual_spawner::start(const transport::grant& what, duration time_limit) {
  if (runs_.contains(what.id)) {
    w_.judge.object("attempt " + to_string(what.id) + " is started while it runs");
    return;
  }
  if (clock_->local(w_.time.now()) >= fence_)
    return tell_(told::process_ended{what.id, ending::lost, {}});
  const auto run = w_.judge.run_started(what.id, node_, what.gpus);
  const auto script = script_of(what.payload);
  runs_[what.id] = {run, script};
  const duration takes = dice_.between(script.shortest, script.longest);
  const auto roll = dice_.below(100);
  ending how = ending::succeeded;
  if (roll < script.fails_percent) how = ending::failed;
  if (roll >= 100 - script.crashes_percent) how = ending::crashed;
  w_.time.after(takes, [this, id = what.id, run, how] { end(id, run, how, true); });
  if (time_limit > 0s)
    w_.time.after(time_limit, [this, id = what.id, run] { end(id, run, ending::timed_out, true); });
  tell_(told::process_started{what.id});
}

void virtual_spawner::kill(attempt_id id, duration grace) {
  kill_within(id, 0s, grace + w_.how.kill_longest, ending::crashed);
}

void virtual_spawner::kill_within(attempt_id id, duration soonest, duration latest, ending how) {
  const auto found = runs_.find(id);
  if (found == runs_.end()) return;
  w_.time.after(dice_.between(soonest, latest),
                [this, id, run = found->second.run, how] { end(id, run, how, false); });
}

void virtual_spawner::end(attempt_id id, std::uint64_t run, ending how, bool by_itself) {
  const auto found = runs_.find(id);
  if (found == runs_.end() || found->second.run != run) return;
  const auto script = found->second.script;
  runs_.erase(found);
  w_.judge.run_ended(run, how, by_itself);
  if (tell_) tell_(told::process_ended{id, how, report_of(run, static_cast<int>(how), script)});
}

void virtual_spawner::set_fence(instant at) {
  if (at < fence_) w_.judge.object("the fence of node " + to_string(node_) + " moves back");
  fence_ = at;
  w_.time.at(clock_->truth_of(at), [this, set = ++fences_set_] {
    if (set == fences_set_) fence_passed();
  });
}

void virtual_spawner::fence_passed() {
  std::vector<attempt_id> all;
  for (const auto& [id, p] : runs_) all.push_back(id);
  for (const auto id : all) kill_within(id, 0s, w_.how.kill_longest, ending::lost);
}

}  // namespace fabric::sim

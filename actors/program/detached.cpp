#include "actors/program/detached.hpp"

#include <chrono>
#include <cstdio>
#include <future>
#include <thread>

#include "actors/api/actor_desk.hpp"
#include "actors/program/cluster_fleet.hpp"

namespace fabric::actors {

namespace {

using namespace std::chrono_literals;

/// The process before this one holds the name until the head has given it up.
constexpr auto name_patience = 3min;
constexpr auto name_period = 200ms;

actor_options options_of(const detached_plan& plan) {
  return {.name = plan.name,
          .name_space = plan.name_space,
          .restarts = {plan.restarts_most, std::chrono::microseconds{plan.restarts_within_us}},
          .exceptions = plan.ends_on_exception ? on_exception::fail_actor : on_exception::fail_call,
          .pending_max = plan.pending_max,
          .concurrency = plan.concurrency,
          .checkpoint_every = plan.checkpoint_every};
}

detail::actor_birth birth_of(const detached_plan& plan) {
  return {.ref = {0, 0, plan.pending_max, plan.name, plan.home},
          .class_name = plan.class_name,
          .arguments = plan.arguments,
          .concurrency = plan.concurrency,
          .checkpoint_every = plan.checkpoint_every,
          .ends_on_exception = plan.ends_on_exception};
}

/// Whether it is an earlier process of this actor that has the name.
bool is_held_by_ourselves(detail::actor_desk& desk, const detached_plan& plan) {
  try {
    return desk.find(plan.name, plan.name_space, 0ns)->ref.home == plan.home;
  } catch (const error& e) {
    return e.kind() == error_kind::not_found;
  }
}

std::shared_ptr<detail::seat> spawn(detail::actor_desk& desk, const detached_plan& plan,
                                    const std::optional<std::string>& state) {
  auto birth = birth_of(plan);
  birth.has_state = state.has_value();
  birth.state = state.value_or(std::string{});
  const auto until = std::chrono::steady_clock::now() + name_patience;
  for (;;) try {
      return desk.spawn_packed(options_of(plan), birth);
    } catch (const error& e) {
      if (e.kind() != error_kind::name_taken || !is_held_by_ourselves(desk, plan) ||
          std::chrono::steady_clock::now() > until)
        throw;
      std::this_thread::sleep_for(name_period);
    }
}

}  // namespace

detached_plan plan_of(const detail::actor_birth& how, const actor_options& terms,
                      std::string home) {
  return {terms.name,
          terms.name_space,
          std::move(home),
          how.class_name,
          how.arguments,
          terms.restarts.most,
          terms.restarts.within.count(),
          how.ends_on_exception,
          terms.pending_max,
          terms.concurrency,
          terms.checkpoint_every};
}

int serve_as_detached(const worker_environment& who) {
  const auto plan = unpack<detached_plan>(who.detached);
  if (!plan) {
    std::fprintf(stderr, "fabric actor: %s\n", to_line(plan.error()).c_str());
    return 70;
  }
  try {
    auto fleet = std::make_unique<cluster_fleet>(who.head, who.head.endpoint, who.head.keys);
    auto& actors = fleet->cluster();
    actors.live_here();
    const detail::desk_ref desk{new detail::desk(std::move(fleet))};
    std::promise<gone> told;
    const auto state = actors.kept_state();
    if (!state) {
      std::fprintf(stderr, "fabric actor: %s\n", to_line(state.error()).c_str());
      return 70;
    }
    const auto at = spawn(desk->actors(), *plan, *state);
    desk->actors().monitor(at, [&](const gone& why) { told.set_value(why); });
    const auto why = told.get_future().get();
    const bool is_well = why.reason == gone_reason::killed || why.reason == gone_reason::stopped;
    if (!is_well)
      std::fprintf(stderr, "fabric actor: %s is gone (%s): %s\n", plan->name.c_str(),
                   std::string{name_of(why.reason)}.c_str(), why.what.c_str());
    actors.leave_for_good(is_well ? std::nullopt : std::optional{who.attempt.task});
    desk->close();
    return is_well ? 0 : 1;
  } catch (const error& e) {
    std::fprintf(stderr, "fabric actor: %s\n", e.what());
    return 1;
  }
}

}  // namespace fabric::actors

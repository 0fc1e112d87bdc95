#include "actors/api/actor_terms.hpp"

#include "actors/api/terms.hpp"
#include "fabric/options.hpp"

namespace fabric::detail {

namespace {

constexpr std::uint32_t restarts_max = 1'000'000;
constexpr std::uint32_t pending_most = 10'000'000;
constexpr std::uint32_t concurrency_max = 10'000;
constexpr std::size_t name_bytes_max = 256;
constexpr std::chrono::hours time_max{24 * 365};

void check_count(std::uint32_t given, std::uint32_t most, std::string_view what) {
  if (given < 1 || given > most)
    throw_usage(std::string(what) + " is " + std::to_string(given) + "; give 1 to " +
                std::to_string(most));
}

}  // namespace

void check_restart_rules(const restart_rules& rules) {
  if (rules.most > restarts_max)
    throw_usage("restarts.most is " + std::to_string(rules.most) + "; give 0 to 1000000");
  if (rules.within.count() <= 0 || rules.within > time_max)
    throw_usage("restarts.within is " + std::to_string(rules.within.count()) +
                " microseconds; give a time up to a year");
}

void check_actor_options(const actor_options& how, const class_entry&) {
  check_restart_rules(how.restarts);
  check_count(how.pending_max, pending_most, "pending_max");
  check_count(how.concurrency, concurrency_max, "concurrency");
  if (how.name.size() > name_bytes_max || how.name_space.size() > name_bytes_max)
    throw_usage("the name of an actor, or its namespace, has more than 256 bytes");
  if (how.name.empty() && !how.name_space.empty())
    throw_usage("an actor has a namespace and no name");
  static_cast<void>(demand_of_actor(how));
  if (how.restarts.most > 0 && how.group != actor_group{})
    throw_usage("restarts are given to an actor of a group; the group's rules are for all of it");
  if (how.life == lifetime::detached && how.group != actor_group{})
    throw_usage("a detached actor is in no group: it outlives the session that supervises");
}

void check_call_options(const actor_call_options& how) {
  if (how.timeout.count() < 0 || how.timeout > time_max)
    throw_usage("timeout is " + std::to_string(how.timeout.count()) +
                " microseconds; give 0 to a year");
}

demand demand_of_actor(const actor_options& how) {
  call_options same{.cpus = how.cpus,
                    .gpus = how.gpus,
                    .memory = how.memory,
                    .resources = how.resources,
                    .labels = how.labels,
                    .priority = how.priority};
  return checked_terms(same, {}).shape.needs;
}

void throw_fault_of_name(const fault& why, std::string_view name) {
  error_kind kind = error_kind::unsupported;
  if (why.code == fault_code::key_conflict) kind = error_kind::name_taken;
  if (why.code == fault_code::not_found) kind = error_kind::not_found;
  if (why.code == fault_code::usage) kind = error_kind::usage;
  if (why.code == fault_code::cancelled) kind = error_kind::session_closed;
  std::string text = why.detail;
  if (!why.hint.empty()) text += "; " + why.hint;
  throw_failure({.kind = kind, .what = std::move(text), .function = std::string(name)});
}

}  // namespace fabric::detail

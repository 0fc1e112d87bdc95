#include "actors/api/terms.hpp"

#include <cmath>

namespace fabric::detail {

namespace {

constexpr std::uint32_t retries_max = 1'000'000;
constexpr int priority_max = 1000;
constexpr std::size_t text_bytes_max = 1024;
constexpr std::chrono::hours time_max{24 * 365};

/// Thousandths of what a program wrote as a floating-point number.
milli amount_of(double given, std::string_view what) {
  constexpr double most = 1e9;
  if (!(given >= 0) || given > most)
    throw_usage(std::string(what) + " is " + std::to_string(given) + "; give 0 to 1e9");
  return {std::llround(given * 1000)};
}

duration time_of(std::chrono::microseconds given, std::string_view what) {
  if (given.count() < 0 || given > time_max)
    throw_usage(std::string(what) + " is " + std::to_string(given.count()) +
                " microseconds; give 0 to a year");
  return given;
}

demand demand_of(const call_options& how) {
  demand needs;
  needs.amounts.set(cpu, amount_of(how.cpus, "cpus"));
  needs.amounts.set(gpu, amount_of(how.gpus, "gpus"));
  if (how.memory > static_cast<std::uint64_t>(amount_max.value / 1000))
    throw_usage("memory is " + std::to_string(how.memory) + " bytes; no machine has that");
  needs.amounts.set(memory, units(static_cast<std::int64_t>(how.memory)));
  for (const auto& [name, amount] : how.resources) {
    if (name == cpu || name == gpu || name == memory)
      throw_usage("resources names " + name + ", which has an option of its own");
    needs.amounts.set(name, amount_of(amount, "resource " + name));
  }
  auto where = parse_label_conditions(how.labels);
  if (!where) throw_usage(where.error().detail);
  needs.where = std::move(where).value();
  const auto checked = check_demand(needs);
  if (!checked) throw_usage(checked.error().detail);
  return needs;
}

}  // namespace

void throw_usage(std::string what) {
  throw_failure({.kind = error_kind::usage, .what = std::move(what)});
}

call_terms checked_terms(const call_options& how, std::string_view function) {
  call_terms terms{.name = std::string(how.name.empty() ? function : std::string_view{how.name}),
                   .retry_on = how.retry_on,
                   .retry_if = how.retry_if};
  if (how.retries > retries_max)
    throw_usage("retries is " + std::to_string(how.retries) + "; give 0 to 1000000");
  if (how.priority < -priority_max || how.priority > priority_max)
    throw_usage("priority is " + std::to_string(how.priority) + "; give -1000 to 1000");
  if (how.name.size() > text_bytes_max || how.key.size() > text_bytes_max)
    throw_usage("a name or key has more than 1024 bytes");
  terms.rules.failures_max = how.retries;
  terms.rules.retry_timeouts = how.retry_on.contains(error_kind::timed_out);
  terms.rules.backoff.first = time_of(how.backoff, "backoff");
  terms.rules.backoff.longest = std::max<duration>(terms.rules.backoff.first * 32, duration{0});
  terms.rules.time_limit = time_of(how.time_limit, "time_limit");
  terms.rules.deadline = time_of(how.deadline, "deadline");
  terms.after = how.after;
  terms.shape = {demand_of(how), how.priority};
  return terms;
}

bool call_terms::may_retry(const failure& why) const noexcept {
  if (!retry_on.contains(why.kind)) return false;
  try {
    return retry_if == nullptr || retry_if(why);
  } catch (...) {
    return false;
  }
}

bool is_default(const call_options& how) {
  static constexpr error_kinds usual{error_kind::task_failed, error_kind::timed_out};
  return how.cpus == 1 && how.gpus == 0 && how.memory == 0 && how.resources.empty() &&
         how.labels.empty() && how.priority == 0 && how.retries == 0 && how.retry_on == usual &&
         how.retry_if == nullptr && how.time_limit.count() == 0 && how.deadline.count() == 0 &&
         how.key.empty() && how.after.empty() && how.name.empty();
}

}  // namespace fabric::detail

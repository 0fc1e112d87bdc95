#include "scheduler/tuner/samplers/sampler.hpp"

#include <algorithm>
#include <array>

#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/samplers/brute_force.hpp"
#include "scheduler/tuner/samplers/cma_es.hpp"
#include "scheduler/tuner/samplers/gp.hpp"
#include "scheduler/tuner/samplers/grid.hpp"
#include "scheduler/tuner/samplers/halton.hpp"
#include "scheduler/tuner/samplers/nsga2.hpp"
#include "scheduler/tuner/samplers/random.hpp"
#include "scheduler/tuner/samplers/sobol.hpp"
#include "scheduler/tuner/samplers/sobol_numbers.hpp"
#include "scheduler/tuner/samplers/tpe.hpp"

namespace fabric::tuner {

namespace {

constexpr std::array<std::string_view, 9> sampler_names = {
    "brute-force", "cma-es", "gp", "grid", "halton", "nsga2", "random", "sobol", "tpe"};

std::string listed_samplers() {
  std::string list;
  for (const auto name : sampler_names) list += (list.empty() ? "" : ", ") + std::string{name};
  return list;
}

fault unfit(std::string why) {
  return {fault_code::usage, std::move(why), "choose another sampler (" + listed_samplers() + ")"};
}

/// Of the samplers that go through all points.
result<void> check_finite(std::string_view name, const space& over) {
  if (over.size()) return {};
  const auto endless =
      std::ranges::find_if(over.parameters(), [](const auto& p) { return !is_discrete(p); });
  if (endless != over.parameters().end())
    return fault{fault_code::usage,
                 "the " + std::string{name} + " sampler cannot list parameter " + endless->name +
                     ", which is continuous",
                 "give it a step, or choose another sampler (" + listed_samplers() + ")"};
  return fault{
      fault_code::usage,
      "the " + std::string{name} + " sampler cannot list a space of more than 2^64 - 1 points",
      "make the space smaller, or choose another sampler (" + listed_samplers() + ")"};
}

/// Whether the sampler can serve the space and the objectives.
result<void> check(std::string_view name, const sampler_setup& how) {
  const auto& parameters = how.over->parameters();
  const bool serves_one = name == "cma-es" || name == "gp";
  if (serves_one && how.objectives > 1)
    return unfit("the " + std::string{name} + " sampler serves one objective");
  if (name == "cma-es" && std::ranges::all_of(parameters, is_category))
    return unfit("the cma-es sampler needs a parameter that is a number");
  if (name == "sobol" && parameters.size() > sobol_dimensions_max)
    return unfit("the sobol sampler serves " + std::to_string(sobol_dimensions_max) +
                 " parameters at most, here are " + std::to_string(parameters.size()));
  if (name == "grid" || name == "brute-force") return check_finite(name, *how.over);
  return {};
}

template <class S>
std::unique_ptr<sampler> made(const sampler_setup& how) {
  return std::make_unique<S>(how);
}

}  // namespace

void sampler::started(std::uint64_t, const point&) {}

void sampler::ended(std::uint64_t, const point&, const outcome&) {}

std::span<const std::string_view> samplers() { return sampler_names; }

result<std::unique_ptr<sampler>> make_sampler(std::string_view name, const sampler_setup& how) {
  if (auto possible = check(name, how); !possible) return std::move(possible).error();
  if (name == "brute-force") return made<brute_force_sampler>(how);
  if (name == "cma-es") return made<cma_es_sampler>(how);
  if (name == "gp") return made<gp_sampler>(how);
  if (name == "grid") return made<grid_sampler>(how);
  if (name == "halton") return made<halton_sampler>(how);
  if (name == "nsga2") return made<nsga2_sampler>(how);
  if (name == "random") return made<random_sampler>(how);
  if (name == "sobol") return made<sobol_sampler>(how);
  if (name == "tpe") return made<tpe_sampler>(how);
  return fault{fault_code::usage, shown(name) + " is no sampler",
               "the samplers are " + listed_samplers()};
}

}  // namespace fabric::tuner

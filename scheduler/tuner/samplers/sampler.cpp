#include "scheduler/tuner/samplers/sampler.hpp"

#include <algorithm>
#include <array>

#include "scheduler/tuner/json_text.hpp"
#include "scheduler/tuner/samplers/cma_es.hpp"
#include "scheduler/tuner/samplers/grid.hpp"
#include "scheduler/tuner/samplers/halton.hpp"
#include "scheduler/tuner/samplers/random.hpp"
#include "scheduler/tuner/samplers/tpe.hpp"

namespace fabric::tuner {

namespace {

constexpr std::array<std::string_view, 5> sampler_names = {"cma-es", "grid", "halton", "random",
                                                           "tpe"};

std::string listed_samplers() {
  std::string list;
  for (const auto name : sampler_names) list += (list.empty() ? "" : ", ") + std::string{name};
  return list;
}

fault no_grid(const space& over) {
  const auto endless =
      std::ranges::find_if(over.parameters(), [](const auto& p) { return !is_discrete(p); });
  if (endless != over.parameters().end())
    return {fault_code::usage,
            "the grid sampler cannot list parameter " + endless->name + ", which is continuous",
            "give it a step, or choose another sampler (" + listed_samplers() + ")"};
  return {fault_code::usage, "the grid sampler cannot list a space of more than 2^64 - 1 points",
          "make the space smaller, or choose another sampler (" + listed_samplers() + ")"};
}

result<void> check_cma_es(const sampler_setup& how) {
  if (how.objectives > 1)
    return fault{fault_code::usage, "the cma-es sampler serves one objective",
                 "choose another sampler (" + listed_samplers() + ")"};
  const auto is_category = [](const parameter& p) {
    return std::holds_alternative<category>(p.over);
  };
  if (std::ranges::all_of(how.over->parameters(), is_category))
    return fault{fault_code::usage, "the cma-es sampler needs a parameter that is a number",
                 "choose another sampler (" + listed_samplers() + ")"};
  return {};
}

}  // namespace

void sampler::started(std::uint64_t, const point&) {}

void sampler::ended(std::uint64_t, const point&, const outcome&) {}

std::span<const std::string_view> samplers() { return sampler_names; }

result<std::unique_ptr<sampler>> make_sampler(std::string_view name, const sampler_setup& how) {
  if (name == "cma-es") {
    if (auto possible = check_cma_es(how); !possible) return std::move(possible).error();
    return std::unique_ptr<sampler>{std::make_unique<cma_es_sampler>(how)};
  }
  if (name == "grid") {
    if (!how.over->size()) return no_grid(*how.over);
    return std::unique_ptr<sampler>{std::make_unique<grid_sampler>(how)};
  }
  if (name == "halton") return std::unique_ptr<sampler>{std::make_unique<halton_sampler>(how)};
  if (name == "random") return std::unique_ptr<sampler>{std::make_unique<random_sampler>(how)};
  if (name == "tpe") return std::unique_ptr<sampler>{std::make_unique<tpe_sampler>(how)};
  return fault{fault_code::usage, shown(name) + " is no sampler",
               "the samplers are " + listed_samplers()};
}

}  // namespace fabric::tuner

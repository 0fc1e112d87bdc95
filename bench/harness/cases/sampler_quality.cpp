#include <algorithm>
#include <deque>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/ground.hpp"
#include "bench/harness/optuna_peer.hpp"
#include "bench/harness/rank_test.hpp"
#include "bench/harness/sample.hpp"
#include "scheduler/tuner/samplers/normal.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::bench {

namespace {

namespace event = tuner::study_event;
namespace command = tuner::study_command;

struct contest {
  std::string ours;
  std::string theirs;  ///< Optuna's sampler
};

struct effort {
  std::size_t trials;
  std::size_t workers;
  std::uint64_t seeds;
};

/// What a sampler is asked through, ours or Optuna's: a trial's name and its values.
struct suggested {
  std::uint64_t number;
  std::vector<double> values;
};

double number_of(const tuner::space& over, const tuner::point& p, std::size_t i) {
  if (std::holds_alternative<tuner::category>(over.parameters()[i].over))
    return static_cast<double>(p[i]);
  const auto v = over.value_of(p, i);
  const auto* whole = std::get_if<std::int64_t>(&v);
  return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(v);
}

/// The least loss of so many trials, of which as many run at a time as there are workers; they end
/// in the order in which a seeded hand picks them.
template <class Ask, class Tell>
double least(const ground& on, const effort& how, std::uint64_t seed, Ask ask, Tell tell) {
  tuner::draws hand(seed, 7);
  std::vector<suggested> open;
  double best = std::numeric_limits<double>::infinity();
  std::size_t asked = 0;
  for (bool is_dry = false;;) {
    while (!is_dry && asked < how.trials && open.size() < how.workers) {
      auto next = ask();
      is_dry = !next;
      if (!next) break;
      open.push_back(std::move(*next));
      ++asked;
    }
    if (open.empty()) return best;
    std::swap(open[hand.below(open.size())], open.back());
    const auto done = std::move(open.back());
    open.pop_back();
    const double loss = on.loss(done.values);
    best = std::min(best, loss);
    tell(done.number, on.noise > 0 ? loss + on.noise * tuner::draw_normal(hand) : loss);
  }
}

double ours(const std::string& sampler, const ground& on, const effort& how, std::uint64_t seed) {
  tuner::study_settings settings;
  settings.name = "s";
  settings.over = on.space();
  settings.sampler = sampler;
  settings.parallel = static_cast<std::uint32_t>(how.workers);
  settings.trials_max = how.trials;
  settings.seed = seed;
  auto study = require(tuner::study::make(settings));
  std::deque<command::evaluate> work;
  const auto step = [&](const tuner::study_event_type& what) {
    for (auto& one : study.step(what, 1))
      if (auto* e = std::get_if<command::evaluate>(&one)) work.push_back(std::move(*e));
  };
  const auto ask = [&]() -> std::optional<suggested> {
    if (work.empty()) step(event::asked{});
    if (work.empty()) return std::nullopt;
    const auto e = std::move(work.front());
    work.pop_front();
    suggested next{e.number, {}};
    for (std::size_t i = 0; i < e.where.size(); ++i)
      next.values.push_back(number_of(settings.over, e.where, i));
    return next;
  };
  const auto tell = [&](std::uint64_t number, double value) {
    event::told told;
    told.number = number;
    told.values = {value};
    step(told);
  };
  return least(on, how, seed, ask, tell);
}

double theirs(optuna_peer& peer, const std::string& sampler, const ground& on, const effort& how,
              std::uint64_t seed) {
  peer.begin(sampler, seed, on.space());
  const auto ask = [&]() -> std::optional<suggested> {
    auto [number, values] = peer.ask();
    return suggested{static_cast<std::uint64_t>(number), std::move(values)};
  };
  const auto tell = [&](std::uint64_t number, double value) {
    peer.tell(static_cast<std::int64_t>(number), value);
  };
  return least(on, how, seed, ask, tell);
}

measurement measure(const contest& of, const ground& on, const effort& how, std::uint64_t seed,
                    optuna_peer* peer) {
  std::vector<double> mine;
  std::vector<double> rival;
  for (std::uint64_t i = 0; i < how.seeds; ++i) {
    mine.push_back(ours(of.ours, on, how, seed + i));
    if (peer != nullptr) rival.push_back(theirs(*peer, of.theirs, on, how, seed + i));
  }
  measurement m{.case_name = "sampler_quality",
                .figure = of.ours + " on " + on.name + ", " + std::to_string(how.workers) +
                          (how.workers == 1 ? " worker" : " workers"),
                .unit = "best loss of " + std::to_string(how.trials)};
  fill(m, mine);
  m.lowest = percentile(mine, 0.25);
  m.highest = percentile(mine, 0.75);
  if (peer == nullptr) {
    m.floor_name = "no Optuna on this machine";
    return m;
  }
  const auto verdict = compare(mine, rival);
  m.floor = median(rival);
  m.floor_name = peer->name() + "'s " + of.theirs + ", beaten in " +
                 number_text(100 * verdict.less) + " % of pairs, p " + number_text(verdict.p);
  m.extra["share of pairs won"] = verdict.less;
  m.extra["p"] = verdict.p;
  return m;
}

}  // namespace

std::vector<measurement> sampler_quality(const settings& how) {
  const auto peer = optuna_peer::start();
  const std::vector<contest> contests{
      {"tpe", "tpe"}, {"cma-es", "cma-es"}, {"gp", "tpe"}, {"random", "random"}};
  std::vector<measurement> all;
  for (const auto& of : contests) {
    for (const auto& on : all_grounds()) {
      for (const std::size_t workers : {1, 16}) {
        const auto effort =
            how.smoke ? bench::effort{12, workers, 2} : bench::effort{100, workers, 12};
        if (how.smoke && (on.parameters.size() > 2 || workers > 1)) continue;
        all.push_back(measure(of, on, effort, how.seed, peer.get()));
      }
    }
  }
  return all;
}

}  // namespace fabric::bench

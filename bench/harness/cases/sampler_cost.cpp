#include <algorithm>
#include <optional>

#include "actors/store/study_store.hpp"
#include "bench/harness/bench_case.hpp"
#include "bench/harness/optuna_peer.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/scratch.hpp"
#include "scheduler/tuner/samplers/sampler.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::bench {

namespace {

namespace event = tuner::study_event;
namespace command = tuner::study_command;
using store::study_store;

tuner::space floats(std::size_t count) {
  std::vector<tuner::parameter> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(require(tuner::parse_parameter("x" + std::to_string(i) + "=float(0,1)")));
  return require(tuner::space::make(std::move(all)));
}

/// A study of one worker, as its actor drives it: a suggestion, a result, each stored at once where
/// there is a file.
class lone_worker {
 public:
  lone_worker(tuner::study core, study_store* file) : core_(std::move(core)), file_(file) {}

  void pair() {
    std::optional<command::evaluate> work;
    for (auto& what : core_.step(event::asked{}, ++wall_ms_)) {
      if (auto* one = std::get_if<command::evaluate>(&what)) work = std::move(*one);
      keep(what);
    }
    store();
    require(work.has_value(), "no point came");
    event::told told;
    told.number = work->number;
    told.attempt = work->attempt;
    told.values = {static_cast<double>(work->number)};
    for (auto& what : core_.step(told, ++wall_ms_)) keep(what);
    store();
  }

 private:
  void keep(tuner::study_command_type& what) {
    if (auto* row = std::get_if<command::persist>(&what))
      changes_.push_back({std::move(row->row), row->is_new, row->unique_point});
  }
  void store() {
    if (file_ != nullptr) require(file_->apply(core_.how().name, core_.how().over, changes_));
    changes_.clear();
  }

  tuner::study core_;
  study_store* file_;
  std::vector<study_store::change> changes_;
  std::int64_t wall_ms_ = 1'700'000'000'000;
};

std::vector<tuner::trial> earlier_trials(const tuner::space& over, std::size_t count,
                                         std::uint64_t seed) {
  tuner::ledger points(over);
  auto random = require(tuner::make_sampler("random", {.over = &over, .seed = seed}));
  std::vector<tuner::trial> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto& row = rows[i];
    row.number = i;
    row.state = tuner::trial_state::complete;
    row.where = *random->propose(points, tuner::freedom::any);
    row.key = tuner::canonical_key(over, row.where);
    row.values = {static_cast<double>(i)};
    row.start_ms = row.complete_ms = 1'700'000'000'000;
  }
  return rows;
}

struct load {
  std::string sampler;
  std::size_t parameters = 5;
  std::size_t trials = 0;
  bool is_stored = false;
};

double pairs_per_second(const settings& how, const load& what, std::size_t pairs,
                        std::vector<double>& pair_us) {
  const scratch folder{how};
  tuner::study_settings of{
      .name = "bench", .over = floats(what.parameters), .sampler = what.sampler, .seed = how.seed};
  auto rows = earlier_trials(of.over, what.trials, how.seed);
  std::optional<study_store> file;
  if (what.is_stored) {
    file.emplace(require(
        study_store::open("sqlite:///" + folder.path() + "/study.db", study_store::mode::create)));
    require(file->create(of));
    std::vector<study_store::change> changes;
    for (const auto& row : rows) changes.push_back({row, true, true});
    require(file->apply(of.name, of.over, changes));
  }
  lone_worker worker{require(tuner::study::resume(of, std::move(rows))), file ? &*file : nullptr};
  worker.pair();
  const auto start = timer::now();
  for (std::size_t i = 0; i < pairs; ++i) {
    const auto pair_start = timer::now();
    worker.pair();
    pair_us.push_back(seconds_since(pair_start) * 1e6);
  }
  return static_cast<double>(pairs) / seconds_since(start);
}

std::string title(const load& what) {
  return what.sampler + ", " + std::to_string(what.parameters) + " floats, " +
         std::to_string(what.trials) + " trials" + (what.is_stored ? ", SQLite" : "");
}

measurement measure(const settings& how, const load& what, optuna_peer* peer) {
  measurement m{.case_name = "sampler_cost", .figure = title(what), .unit = "pairs/s"};
  const std::size_t pairs = how.smoke ? 3 : 100;
  std::vector<double> pair_us;
  const auto ours = [&] { return pairs_per_second(how, what, pairs, pair_us); };
  if (peer == nullptr) {
    fill(m, std::vector<double>{ours(), ours(), ours()});
    m.floor_name = "no Optuna on this machine";
  } else {
    const std::size_t their_pairs = how.smoke ? 1 : what.trials >= 10'000 ? 5 : 20;
    const scratch folder{how};
    int files = 0;
    const auto theirs = [&] {
      const auto storage = what.is_stored ? "sqlite:///" + folder.path() + "/optuna-" +
                                                std::to_string(++files) + ".db"
                                          : std::string{};
      return peer->pairs_per_second({what.sampler, how.seed, what.trials, their_pairs, storage},
                                    floats(what.parameters));
    };
    fill(m, take_in_turn(how.smoke ? 1 : 3, theirs, ours));
    m.floor_name = peer->name();
    const double least = what.trials >= 10'000 ? 1000 : what.trials >= 1'000 ? 200 : 0;
    if (least > 0) m.wanted = aim{.limit = least};
  }
  m.p99 = percentile(pair_us, 0.99);
  m.p99_unit = "us a pair";
  return m;
}

/// Seconds until a study of so many trials can go on.
measurement resumption(const settings& how, const std::string& sampler) {
  const std::size_t trials = how.smoke ? 1'000 : 1'000'000;
  tuner::study_settings of{
      .name = "bench", .over = floats(5), .sampler = sampler, .seed = how.seed};
  const auto rows = earlier_trials(of.over, trials, how.seed);
  measurement m{.case_name = "sampler_cost",
                .figure = sampler + ", resumed with " + std::to_string(trials) + " trials",
                .unit = "s"};
  std::vector<double> times;
  for (int i = 0; i < (how.smoke ? 1 : 3); ++i) {
    auto copy = rows;
    const auto start = timer::now();
    lone_worker{require(tuner::study::resume(of, std::move(copy))), nullptr}.pair();
    times.push_back(seconds_since(start));
  }
  fill(m, times);
  return m;
}

}  // namespace

std::vector<measurement> sampler_cost(const settings& how) {
  const auto peer = optuna_peer::start();
  std::vector<measurement> all;
  const std::vector<std::size_t> sizes =
      how.smoke ? std::vector<std::size_t>{20} : std::vector<std::size_t>{100, 1'000, 10'000};
  double fewest = 0;
  for (const auto trials : sizes) {
    all.push_back(measure(how, {"tpe", 5, trials}, peer.get()));
    if (fewest == 0) fewest = all.back().value;
    all.back().extra["rate by that at the fewest trials"] = all.back().value / fewest;
  }
  all.push_back(measure(how, {"tpe", 5, sizes.back() / 10, true}, peer.get()));
  for (const std::size_t parameters : {20, 100})
    all.push_back(measure(how, {"tpe", parameters, sizes.back() / 10}, nullptr));
  for (const auto* sampler : {"cma-es", "gp", "nsga2", "halton", "sobol", "random"})
    all.push_back(measure(how, {sampler, 5, sizes.back() / 10}, nullptr));
  for (const auto* sampler : {"tpe", "cma-es"}) all.push_back(resumption(how, sampler));
  return all;
}

}  // namespace fabric::bench

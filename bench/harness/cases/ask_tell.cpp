#include <algorithm>
#include <optional>

#include "actors/store/study_store.hpp"
#include "bench/harness/bench_case.hpp"
#include "bench/harness/raw_transaction.hpp"
#include "bench/harness/sample.hpp"
#include "bench/harness/scratch.hpp"
#include "scheduler/tuner/study.hpp"

namespace fabric::bench {

namespace {

namespace event = tuner::study_event;
namespace command = tuner::study_command;
using store::study_store;

constexpr std::uint32_t batch = 100;  ///< suggestions out at a time, and rows of a transaction

tuner::study_settings study_of(const settings& how) {
  std::vector<tuner::parameter> parameters;
  for (const auto* text : {"x=int(1,2000)", "y=float(0,1,step=0.001)", "z=choice(a,b,c,d)"})
    parameters.push_back(require(tuner::parse_parameter(text)));
  return {.name = "bench",
          .over = require(tuner::space::make(std::move(parameters))),
          .parallel = batch,
          .seed = how.seed};
}

/// `count` trials as an earlier run left them: every seventh point of the space.
std::vector<tuner::trial> earlier_trials(const tuner::space& over, std::size_t count) {
  std::vector<tuner::trial> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto& row = rows[i];
    row.number = i;
    row.state = tuner::trial_state::complete;
    row.where = over.at(i * 7);
    row.key = tuner::canonical_key(over, row.where);
    row.values = {static_cast<double>(i)};
    row.start_ms = row.complete_ms = 1'700'000'000'000;
    row.node = "node";
  }
  return rows;
}

void fill_store(study_store& file, const tuner::study_settings& of,
                const std::vector<tuner::trial>& rows) {
  require(file.create(of));
  constexpr std::size_t chunk = 10'000;
  for (std::size_t from = 0; from < rows.size(); from += chunk) {
    std::vector<study_store::change> changes;
    for (std::size_t i = from; i < std::min(rows.size(), from + chunk); ++i)
      changes.push_back({rows[i], true, true});
    require(file.apply(of.name, of.over, changes));
  }
}

/// A study at work, as its actor drives it: what a step wants stored is stored in one transaction
/// before its other commands count.
class worked_study {
 public:
  worked_study(tuner::study core, study_store* file) : core_(std::move(core)), file_(file) {}

  /// `batch` suggestions and their results.
  void turn() {
    std::vector<command::evaluate> work;
    carry_out(core_.step(event::asked{}, ++wall_ms_), &work);
    store_changes();
    require(work.size() == batch,
            "asked for " + std::to_string(batch) + " points, got " + std::to_string(work.size()));
    for (const auto& one : work) {
      event::told told;
      told.number = one.number;
      told.attempt = one.attempt;
      told.values = {static_cast<double>(one.number)};
      told.node = "node";
      told.host = "host";
      told.start_ms = told.complete_ms = ++wall_ms_;
      carry_out(core_.step(told, wall_ms_), nullptr);
    }
    store_changes();
  }

  [[nodiscard]] std::uint64_t complete() const { return core_.count().complete; }

 private:
  void carry_out(std::vector<tuner::study_command_type> commands,
                 std::vector<command::evaluate>* work) {
    for (auto& what : commands) {
      if (auto* row = std::get_if<command::persist>(&what))
        changes_.push_back({std::move(row->row), row->is_new, row->unique_point});
      else if (auto* one = std::get_if<command::evaluate>(&what); one != nullptr && work != nullptr)
        work->push_back(std::move(*one));
      else
        require(std::holds_alternative<command::finished>(what), "a result was refused");
    }
  }

  void store_changes() {
    require(changes_.size() == batch, "a batch has another size");
    if (file_ != nullptr) {
      const auto& how = core_.how();
      const auto done = require(file_->apply(how.name, how.over, changes_));
      for (const auto what : done.outcomes)
        require(what == study_store::outcome::stored, "a row was not stored");
    }
    changes_.clear();
  }

  tuner::study core_;
  study_store* file_;
  std::vector<study_store::change> changes_;
  std::int64_t wall_ms_ = 1'700'000'000'000;
};

/// Pairs per second over `turns`, of processor time where no disk is waited for; the time of each
/// turn goes to `turn_us`.
double pairs_per_second(worked_study& what, std::size_t turns, bool through_store,
                        std::vector<double>& turn_us) {
  const auto before = what.complete();
  const auto start = timer::now();
  const double used = thread_seconds();
  for (std::size_t i = 0; i < turns; ++i) {
    const auto turn_start = timer::now();
    what.turn();
    turn_us.push_back(seconds_since(turn_start) * 1e6);
  }
  const double taken = through_store ? seconds_since(start) : thread_seconds() - used;
  require(what.complete() == before + turns * batch, "results are missing");
  return static_cast<double>(turns * batch) / taken;
}

double bare_pairs_per_second(raw_transaction& file, std::size_t turns) {
  const auto start = timer::now();
  for (std::size_t i = 0; i < turns; ++i) file.add_and_finish(batch);
  return static_cast<double>(turns * batch) / seconds_since(start);
}

std::string with_commas(std::size_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  return digits;
}

measurement measure(const settings& how, raw_transaction& bare, std::size_t trials,
                    bool through_store) {
  const scratch folder{how};
  const auto of = study_of(how);
  auto rows = earlier_trials(of.over, trials);
  std::optional<study_store> file;
  if (through_store) {
    file.emplace(require(
        study_store::open("sqlite:///" + folder.path() + "/study.db", study_store::mode::create)));
    fill_store(*file, of, rows);
  }
  worked_study study{require(tuner::study::resume(of, std::move(rows))), file ? &*file : nullptr};
  const std::size_t turns = how.smoke ? 2 : through_store ? 20 : 100;
  std::vector<double> turn_us;
  study.turn();
  measurement m{.case_name = "ask_tell",
                .figure = std::string{through_store ? "stored" : "in memory"} + ", " +
                          with_commas(trials) + " trials",
                .unit = "pairs/s"};
  fill(m, take_in_turn(
              how.smoke ? 1 : 5, [&] { return bare_pairs_per_second(bare, how.smoke ? 2 : 20); },
              [&] { return pairs_per_second(study, turns, through_store, turn_us); }));
  m.p99 = percentile(turn_us, 0.99);
  m.p99_unit = "us for " + std::to_string(batch);
  m.floor_name = "bare SQLite, two transactions of " + std::to_string(batch);
  if (file)
    require(require(file->study(of.name)).complete == study.complete(),
            "the file holds another number of results");
  return m;
}

}  // namespace

std::vector<measurement> ask_tell(const settings& how) {
  const scratch folder{how};
  raw_transaction bare{folder.path() + "/bare.db"};
  bare.add_and_finish(batch);
  const auto sizes = how.smoke ? std::vector<std::size_t>{100, 1'000}
                               : std::vector<std::size_t>{100, 10'000, 1'000'000};
  std::vector<measurement> all;
  for (const bool through_store : {false, true}) {
    double smallest = 0;
    for (const auto trials : sizes) {
      auto m = measure(how, bare, trials, through_store);
      if (smallest == 0) smallest = m.value;
      m.extra["rate by that at the fewest trials"] = m.value / smallest;
      all.push_back(std::move(m));
    }
  }
  require(bare.finished_rows() > 0, "the floor wrote nothing");
  return all;
}

}  // namespace fabric::bench

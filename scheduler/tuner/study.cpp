#include "scheduler/tuner/study.hpp"

#include <cmath>

#include "scheduler/tuner/study_book.hpp"

namespace fabric::tuner {

namespace {

result<void> check(const study_settings& how) {
  const auto usage = [&](const std::string& what, std::string hint) {
    return fault{fault_code::usage, "study " + how.name + ": " + what, std::move(hint)};
  };
  if (how.over.parameters().empty()) return usage("it has no parameter", "declare at least one");
  if (how.parallel == 0) return usage("0 trials at a time finish nothing", "allow at least 1");
  if (how.directions.empty()) return usage("it has no objective", "minimize or maximize one");
  const auto many = std::to_string(how.directions.size());
  const auto for_one = [&](const std::string& what) {
    return usage(what + " for one objective, here are " + many, "leave it out");
  };
  if (how.directions.size() > 1 && how.until) return for_one("a value to reach is");
  if (how.directions.size() > 1 && how.patience) return for_one("patience is");
  if (how.directions.size() > 1 && how.pruner != "none") return for_one("a pruner is");
  if (how.until && std::isnan(*how.until)) return usage("NaN is never reached", "name a number");
  if (how.patience == 0) return usage("patience 0 ends nothing", "allow at least 1");
  if (how.attempts_max == 0) return usage("0 attempts finish nothing", "allow at least 1");
  return {};
}

/// Open trials recounted from scratch.
struct recount {
  std::uint64_t handed_out = 0;
  std::uint64_t waiting = 0;
};

}  // namespace

study::study(std::unique_ptr<book> b) : book_(std::move(b)) {}
study::~study() = default;
study::study(study&&) noexcept = default;
study& study::operator=(study&&) noexcept = default;

result<study> study::make(study_settings how) { return resume(std::move(how), {}); }

result<study> study::resume(study_settings how, std::vector<trial> rows,
                            const std::vector<trial>& elsewhere) {
  if (const auto sound = check(how); !sound) return sound.error();
  auto b = std::make_unique<book>(std::move(how));
  for (const auto& row : rows) b->numbers.skip(row.number);
  for (const auto& row : elsewhere) b->numbers.skip(row.number);
  auto chooser = make_sampler(
      b->how.sampler, {&b->how.over, b->how.seed, b->numbers.next(), b->how.directions.size()});
  if (!chooser) return chooser.error();
  b->chooser = *std::move(chooser);
  auto judge = make_pruner(b->how.pruner, {b->how.name, b->how.directions.front()});
  if (!judge) return judge.error();
  b->judge = *std::move(judge);
  if (const auto adopted = b->adopt(std::move(rows), elsewhere); !adopted) return adopted.error();
  if (b->is_good_enough()) b->wind_up(study_command::done::reason::value_reached);
  return study{std::move(b)};
}

std::vector<study_command_type> study::step(const study_event_type& what, std::int64_t wall_ms) {
  book_->now_ms = wall_ms;
  std::visit([this](const auto& e) { book_->on(e); }, what);
  book_->conclude();
  return std::exchange(book_->commands, {});
}

const study_settings& study::how() const { return book_->how; }

study_counts study::count() const {
  auto counts = book_->counts;
  counts.free = book_->points.free();
  counts.awaited = book_->awaited.size();
  return counts;
}

std::vector<trial_number> study::awaited() const {
  std::vector<trial_number> all;
  for (const auto& [n, t] : book_->awaited) all.push_back(n);
  return all;
}

const trial* study::best() const { return book_->best.one(); }

const std::vector<trial>& study::front() const { return book_->best.all(); }

bool study::is_told_to_stop(trial_number n) const {
  const auto found = book_->open.find(n);
  return found != book_->open.end() && found->second.is_told_to_stop;
}

std::string study::broken_invariant() const {
  const auto& b = *book_;
  if (auto broken = b.points.broken_invariant(); !broken.empty()) return broken;
  recount seen;
  for (const auto& [n, t] : b.open) {
    const auto name = "trial " + std::to_string(n);
    if (!b.numbers.is_known(n)) return name + " has a number that was never given";
    if (t.at == open_trial::place::waiting) {
      ++seen.waiting;
      if (!b.open.contains(t.twin) && !b.awaited.contains(t.twin))
        return name + " waits for a trial that is over";
      continue;
    }
    if (t.at == open_trial::place::handed_out) ++seen.handed_out;
    const auto* entry = b.points.find(t.where);
    if (!entry || entry->leases == 0) return name + " is open and its point is not leased";
    if (b.how.repeats != duplicates::allow && (entry->leases != 1 || entry->owner != n))
      return name + " shares its point with an open trial";
  }
  for (const auto& [n, t] : b.awaited) {
    if (b.open.contains(n)) return "trial " + std::to_string(n) + " is open here and elsewhere";
    if (b.points.is_free(t.where)) return "the point of an awaited trial is free";
  }
  if (seen.handed_out != b.counts.leased || b.counts.leased > b.how.parallel)
    return "the count of leases is wrong";
  if (seen.waiting != b.counts.waiting) return "the count of waiting trials is wrong";
  if (b.open.size() - seen.waiting != b.points.leases()) return "a lease has no open trial";
  return {};
}

}  // namespace fabric::tuner

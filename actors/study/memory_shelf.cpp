#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "actors/study/study_shelf.hpp"
#include "actors/tune/point_desk.hpp"

namespace fabric::actors {

namespace {

/// Nobody else writes here, so every row is stored as it is.
class memory_shelf final : public study_shelf {
 public:
  explicit memory_shelf(tuner::study_settings how) : how_(std::move(how)) {}

  result<batch_answer> write(const step_batch& batch) override {
    using store::study_store;
    batch_answer answer;
    for (const auto& each : batch.reports) {
      auto& reports = reports_[each.number];
      if (each.is_first_of_run) reports.erase(reports.lower_bound(each.what.step), reports.end());
      reports[each.what.step] = each.what.value;
    }
    for (const auto& each : batch.rows) {
      if (each.unique_point) owners_.try_emplace(each.row.key, each.row.number);
      rows_[each.row.number] = each.row;
      answer.rows.numbers.push_back(each.row.number);
    }
    answer.rows.outcomes.assign(batch.rows.size(), study_store::outcome::stored);
    answer.rows.reports.assign(batch.reports.size(), study_store::outcome::stored);
    answer.theirs.resize(batch.rows.size());
    return answer;
  }

  result<std::vector<tuner::trial>> trials() override {
    std::vector<tuner::trial> all;
    all.reserve(rows_.size());
    for (const auto& [number, row] : rows_) {
      all.push_back(row);
      const auto reported = reports_.find(number);
      if (reported == reports_.end()) continue;
      all.back().reports.clear();
      for (const auto& [step, value] : reported->second)
        all.back().reports.push_back({step, value});
    }
    return all;
  }

  result<tuner::trial_number> enqueue(const tuner::point& where,
                                      std::deque<tuner::study_event_type>& events) override {
    tuner::trial row;
    row.number = rows_.empty() ? 0 : rows_.rbegin()->first + 1;
    row.state = tuner::trial_state::waiting;
    row.where = where;
    row.key = canonical_key(how_.over, where);
    row.attempt = 0;
    if (how_.repeats != tuner::duplicates::allow) {
      const auto [owner, is_new] = owners_.try_emplace(row.key, row.number);
      if (!is_new) return taken_by(rows_.at(owner->second));
    }
    rows_[row.number] = row;
    const auto number = row.number;
    events.emplace_back(tuner::study_event::abandoned_elsewhere{std::move(row)});
    return number;
  }

  result<void> look(instant, const std::vector<tuner::trial_number>&,
                    std::deque<tuner::study_event_type>&) override {
    return {};
  }
  [[nodiscard]] duration period() const override { return duration::max(); }

 private:
  const tuner::study_settings how_;
  std::map<tuner::trial_number, tuner::trial> rows_;
  std::unordered_map<std::string, tuner::trial_number> owners_;  // by key
  std::map<tuner::trial_number, std::map<std::int64_t, double>> reports_;
};

}  // namespace

std::unique_ptr<study_shelf> make_memory_shelf(tuner::study_settings how) {
  return std::make_unique<memory_shelf>(std::move(how));
}

}  // namespace fabric::actors

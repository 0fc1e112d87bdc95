#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "actors/store/distribution.hpp"
#include "actors/store/journal_record.hpp"
#include "actors/store/study_file.hpp"
#include "actors/store/study_schema.hpp"
#include "scheduler/tuner/best_trials.hpp"
#include "scheduler/tuner/json_text.hpp"

/// What studies a file has, and over what.
namespace fabric::store {

namespace {

using studies_type = std::map<std::int64_t, study_row>;  ///< by study_id

/// Runs through rows whose first column is a study_id, and gives each to its study.
template <class Take>
result<void> for_each_study(sql::cursor rows, studies_type& into, Take take) {
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    const auto found = into.find(rows.integer(0));
    if (found != into.end()) take(found->second, rows);
  }
}

result<void> read_directions(sql::connection& file, studies_type& into) {
  auto read = for_each_study(
      file.with("SELECT study_id, direction FROM study_directions ORDER BY study_id, objective"),
      into, [](study_row& study, const sql::cursor& row) {
        const bool is_upwards = row.bytes(1) == "MAXIMIZE";
        study.directions.push_back(is_upwards ? tuner::direction::maximize
                                              : tuner::direction::minimize);
      });
  for (auto& [id, study] : into)
    if (study.directions.empty()) study.directions = {tuner::direction::minimize};
  return read;
}

result<void> read_counts(sql::connection& file, studies_type& into) {
  return for_each_study(
      file.with("SELECT study_id, count(*), count(*) FILTER (WHERE state = 'COMPLETE') FROM trials"
                " GROUP BY study_id"),
      into, [](study_row& study, const sql::cursor& row) {
        study.trials = static_cast<std::uint64_t>(row.integer(1));
        study.complete = static_cast<std::uint64_t>(row.integer(2));
      });
}

/// A value and its type in the column behind it; NaN where there is none.
double value_of(const sql::cursor& row, int column) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto type = row.bytes(column + 1);
  if (type == "INF_POS") return infinity;
  if (type == "INF_NEG") return -infinity;
  return row.is_null(column) ? std::numeric_limits<double>::quiet_NaN() : row.real(column);
}

/// Studies of several objectives have no best value. Neither an infinite value is one nor that of a
/// trial which violates a constraint.
result<void> read_best(sql::connection& file, studies_type& into) {
  return for_each_study(
      file.with("SELECT t.study_id, x.value, x.value_type, a.value_json"
                " FROM trials t JOIN trial_values x ON x.trial_id = t.trial_id"
                " LEFT JOIN trial_system_attributes a ON a.trial_id = t.trial_id AND a.key = ?"
                " WHERE t.state = 'COMPLETE' AND x.objective = 0 AND t.study_id NOT IN"
                " (SELECT study_id FROM study_directions WHERE objective > 0)",
                constraints_attribute),
      into, [](study_row& study, const sql::cursor& row) {
        if (!row.is_null(3) && tuner::violation_of(constraints_in(row.bytes(3))) > 0) return;
        const double value = value_of(row, 1);
        if (!std::isfinite(value)) return;
        const bool is_upwards = study.directions.front() == tuner::direction::maximize;
        const bool is_better =
            !study.best || (is_upwards ? value > *study.best : value < *study.best);
        if (is_better) study.best = value;
      });
}

/// How many trials of a study of several objectives no other one dominates.
result<void> read_fronts(sql::connection& file, studies_type& into) {
  std::map<std::int64_t, tuner::best_trials> fronts;
  for (auto& [id, study] : into)
    if (study.directions.size() > 1) fronts.emplace(id, study.directions);
  if (fronts.empty()) return {};
  tuner::trial row;
  std::int64_t of_study = 0;
  std::int64_t trial_id = 0;
  const auto take = [&] {
    row.state = tuner::trial_state::complete;
    if (const auto at = fronts.find(of_study); at != fronts.end()) at->second.add(row);
    row.values.clear();
  };
  auto rows = file.with(
      "SELECT t.study_id, t.trial_id, x.value, x.value_type, a.value_json"
      " FROM trials t JOIN trial_values x ON x.trial_id = t.trial_id"
      " LEFT JOIN trial_system_attributes a ON a.trial_id = t.trial_id AND a.key = ?"
      " WHERE t.state = 'COMPLETE' AND t.study_id IN"
      " (SELECT study_id FROM study_directions WHERE objective > 0)"
      " ORDER BY t.trial_id, x.objective",
      constraints_attribute);
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) break;
    if (rows.integer(1) != trial_id) take();
    of_study = rows.integer(0);
    trial_id = rows.integer(1);
    row.number = static_cast<tuner::trial_number>(trial_id);
    row.values.push_back(value_of(rows, 2));
    row.constraints = rows.is_null(4) ? std::vector<double>{} : constraints_in(rows.bytes(4));
  }
  take();
  for (const auto& [id, front] : fronts) into.at(id).front = front.all().size();
  return {};
}

result<void> read_parameters(sql::connection& file, studies_type& into) {
  auto own = has_own_tables(file);
  if (!own) return own.error();
  if (!*own) return {};
  std::optional<fault> damaged;
  auto read = for_each_study(
      file.with("SELECT study_id, definition FROM fabric_parameter ORDER BY study_id, position"),
      into, [&](study_row& study, const sql::cursor& row) {
        auto parameter = tuner::parse_parameter(row.bytes(1));
        if (parameter) {
          study.parameters.push_back(std::move(*parameter));
        } else {
          damaged = parameter.error();
        }
      });
  if (damaged) return *damaged;
  return read;
}

/// Of one study, or of all where `name` is nothing.
result<studies_type> read_studies(sql::connection& file, std::optional<std::int64_t> only) {
  studies_type found;
  auto rows = file.with(
      "SELECT study_id, study_name FROM studies WHERE study_id = coalesce(?, study_id)", only);
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) break;
    found[rows.integer(0)].name = rows.text(1);
  }
  for (const auto part :
       {&read_directions, &read_counts, &read_best, &read_fronts, &read_parameters}) {
    if (auto read = part(file, found); !read) return read.error();
  }
  return found;
}

/// Widens `known` so that it also holds `other`. False where they are of different kinds.
bool widen(tuner::parameter& known, const tuner::parameter& other) {
  if (known.over.index() != other.over.index()) return false;
  if (auto* range = std::get_if<tuner::int_range>(&known.over)) {
    const auto& more = std::get<tuner::int_range>(other.over);
    // Beyond 2^53 the difference of two numbers may not fit; such ranges cannot be stored anyhow.
    const bool same_grid = range->step == more.step && check_storable(known) &&
                           check_storable(other) && (range->low - more.low) % range->step == 0;
    if (!same_grid) range->step = 1;
    range->log = range->log && more.log;
    range->low = std::min(range->low, more.low);
    range->high = std::max(range->high, more.high);
    return true;
  }
  if (auto* range = std::get_if<tuner::float_range>(&known.over)) {
    const auto& more = std::get<tuner::float_range>(other.over);
    const auto grid_to = [&](double high) {
      auto made = *range;
      made.high = high;
      return made;
    };
    if (grid_to(more.high) == more) {
      range->high = std::max(range->high, more.high);
      return true;
    }
    *range = {std::min(range->low, more.low), std::max(range->high, more.high),
              range->log && more.log, std::nullopt};
    return true;
  }
  return known.over == other.over;
}

}  // namespace

result<std::vector<study_row>> study_store::studies() {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto found = read_studies(file_->rows, std::nullopt);
  if (!found) return found.error();
  std::vector<study_row> rows;
  for (auto& [id, row] : *found) rows.push_back(std::move(row));
  return rows;
}

result<study_row> study_store::study(std::string_view name) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(name);
  if (!id) return id.error();
  auto found = read_studies(file_->rows, *id);
  if (!found) return found.error();
  return std::move(found->at(*id));
}

result<std::vector<tuner::parameter>> study_store::observed_parameters(std::string_view study) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  auto rows = file_->rows.with(
      "SELECT x.param_name, x.distribution_json, min(x.param_id) FROM trials t"
      " JOIN trial_params x ON x.trial_id = t.trial_id WHERE t.study_id = ?"
      " GROUP BY x.param_name, x.distribution_json ORDER BY min(x.param_id)",
      *id);
  std::vector<tuner::parameter> found;
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return found;
    auto parameter = parameter_of_distribution(rows.bytes(0), rows.bytes(1));
    if (!parameter) return parameter.error();
    const auto known = std::ranges::find(found, parameter->name, &tuner::parameter::name);
    if (known == found.end()) {
      found.push_back(std::move(*parameter));
    } else if (!widen(*known, *parameter)) {
      return fault{fault_code::unsupported,
                   "parameter " + tuner::shown(parameter->name) + " of study '" +
                       std::string(study) + "' changes its kind or its choices",
                   "give the space yourself, with --param"};
    }
  }
}

}  // namespace fabric::store

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <list>
#include <nlohmann/json.hpp>

#include "actors/store/distribution.hpp"
#include "actors/store/fixed_params.hpp"
#include "actors/store/journal_record.hpp"
#include "actors/store/local_time.hpp"
#include "actors/store/study_file.hpp"
#include "actors/store/study_schema.hpp"

/// Reads trials in a few scans that all go by trial_id, side by side with the rows found so far,
/// instead of a query for each trial.
namespace fabric::store {

namespace {

using rows_type = std::vector<stored_trial>;

std::optional<tuner::trial_state> state_named(std::string_view text) {
  using enum tuner::trial_state;
  static constexpr std::array states = {running, complete, pruned, fail, waiting};
  for (const auto state : states) {
    if (tuner::name_of(state) == text) return state;
  }
  return std::nullopt;
}

/// Calls `take` with each trial of `into` that a row is about, by the row's first column, and the
/// trial's place there. Both ascend by id; rows of other studies' trials are passed over.
template <class Take>
result<void> for_each_trial(sql::cursor& rows, rows_type& into, Take take) {
  std::size_t at = 0;
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return {};
    const auto id = rows.integer(0);
    while (at < into.size() && into[at].trial_id < id) ++at;
    if (at < into.size() && into[at].trial_id == id) take(into[at].row, at);
  }
}

/// Columns: trial_id, number, state, datetime_start, datetime_complete, and of ours: key, attempt,
/// node, start_ms, complete_ms, or NULLs.
result<stored_trial> trial_of(const sql::cursor& row, std::size_t position,
                              const std::string& path) {
  stored_trial found;
  found.trial_id = row.integer(0);
  found.is_foreign = row.is_null(6);
  auto& trial = found.row;
  trial.number = row.is_null(1) ? position : static_cast<tuner::trial_number>(row.integer(1));
  const auto state = state_named(row.bytes(2));
  if (!state) {
    return fault{fault_code::bad_message,
                 "study file " + path + ": trial " + std::to_string(trial.number) +
                     " has a state that is not known",
                 "was the file written by another program?"};
  }
  trial.state = *state;
  trial.key = row.text(5);
  if (found.is_foreign) {
    trial.start_ms = ms_of_local_time(row.bytes(3));
    trial.complete_ms = ms_of_local_time(row.bytes(4));
  } else {
    trial.attempt = static_cast<std::uint32_t>(row.integer(6));
    trial.node = row.text(7);
    trial.start_ms = row.integer(8);
    trial.complete_ms = row.integer(9);
  }
  return found;
}

result<rows_type> read_rows(sql::connection& file, std::int64_t study_id, std::int64_t first,
                            std::int64_t last) {
  auto own = has_own_tables(file);
  if (!own) return own.error();
  auto rows = *own ? file.with(
                         "SELECT t.trial_id, t.number, t.state, t.datetime_start,"
                         " t.datetime_complete, p.key, p.attempt, p.node, p.start_ms, p.complete_ms"
                         " FROM trials t LEFT JOIN fabric_point p ON p.trial_id = t.trial_id"
                         " WHERE t.study_id = ? AND t.trial_id BETWEEN CAST(? AS BIGINT) AND "
                         "CAST(? AS BIGINT) ORDER BY t.trial_id",
                         study_id, first, last)
                   : file.with(
                         "SELECT trial_id, number, state, datetime_start, datetime_complete,"
                         " NULL, NULL, NULL, NULL, NULL FROM trials"
                         " WHERE study_id = ? AND trial_id BETWEEN CAST(? AS BIGINT) AND CAST(? AS "
                         "BIGINT) ORDER BY trial_id",
                         study_id, first, last);
  rows_type found;
  for (;;) {
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return found;
    auto trial = trial_of(rows, found.size(), file.path());
    if (!trial) return trial.error();
    found.push_back(std::move(*trial));
  }
}

/// The readers of each parameter; nearly always one each, found at the first try.
class readers {
 public:
  explicit readers(const tuner::space& over) : over_(over), known_(over.parameters().size()) {
    for (std::size_t i = 0; i < known_.size(); ++i) by_name_.emplace(over.parameters()[i].name, i);
  }
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
  }
  const value_reader& reader(std::size_t index, std::string_view distribution) {
    auto& list = known_[index];
    for (const auto& one : list) {
      if (one.reads(distribution)) return one;
    }
    return list.emplace_back(over_, index, std::string(distribution));
  }

 private:
  const tuner::space& over_;
  std::vector<std::list<value_reader>> known_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

/// Which trials are no points of the space.
using marks = std::vector<bool>;

result<marks> read_points(sql::connection& file, const tuner::space& over, rows_type& into) {
  const auto dimensions = over.parameters().size();
  marks outside(into.size(), dimensions == 0);
  if (dimensions == 0 || into.empty()) return outside;
  for (auto& each : into) each.row.where.assign(dimensions, tuner::inactive);
  readers known(over);
  auto rows = file.with(
      "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params"
      " WHERE trial_id BETWEEN ? AND ? ORDER BY trial_id",
      into.front().trial_id, into.back().trial_id);
  auto read = for_each_trial(rows, into, [&](tuner::trial& row, std::size_t place) {
    const auto index = known.index_of(rows.bytes(1));
    const auto at = index && !rows.is_null(2)
                        ? known.reader(*index, rows.bytes(3)).coordinate_of(rows.real(2))
                        : std::nullopt;
    if (at)
      row.where[*index] = *at;
    else
      outside[place] = true;
  });
  if (!read) return read.error();
  for (std::size_t i = 0; i < into.size(); ++i) {
    auto& row = into[i].row;
    if (!over.contains(row.where)) outside[i] = true;
    if (outside[i])
      row.where.clear();
    else if (row.key.empty())
      row.key = tuner::canonical_key(over, row.where);
  }
  return outside;
}

/// Points that Optuna's `enqueue_trial` left: it sets no parameter before the trial runs. Where one
/// is left open, it is Optuna's alone.
result<void> read_enqueued(sql::connection& file, const tuner::space& over, marks& outside,
                           rows_type& into) {
  const auto is_meant = [&](const tuner::trial& row, std::size_t place) {
    return outside[place] && row.state == tuner::trial_state::waiting && row.outside.empty();
  };
  bool is_needed = false;
  for (std::size_t i = 0; i < into.size(); ++i) is_needed |= is_meant(into[i].row, i);
  if (!is_needed || over.parameters().empty()) return {};
  auto rows = file.with(
      "SELECT trial_id, value_json FROM trial_system_attributes"
      " WHERE trial_id BETWEEN ? AND ? AND key = 'fixed_params' ORDER BY trial_id",
      into.front().trial_id, into.back().trial_id);
  return for_each_trial(rows, into, [&](tuner::trial& row, std::size_t place) {
    if (!is_meant(row, place)) return;
    auto where = point_of_fixed(over, read_python_json(rows.bytes(1)));
    if (!where || !over.contains(*where)) return;
    row.key = tuner::canonical_key(over, *where);
    row.where = std::move(*where);
    outside[place] = false;
  });
}

/// What those have that are no points.
result<void> read_outside(sql::connection& file, const marks& outside, rows_type& into) {
  std::map<std::string, std::optional<tuner::parameter>, std::less<>> known;
  auto rows = file.with(
      "SELECT trial_id, param_name, param_value, distribution_json FROM trial_params"
      " WHERE trial_id BETWEEN ? AND ? ORDER BY trial_id, param_id",
      into.front().trial_id, into.back().trial_id);
  return for_each_trial(rows, into, [&](tuner::trial& row, std::size_t place) {
    if (!outside[place] || rows.is_null(2)) return;
    auto wrote = known.find(rows.bytes(3));
    if (wrote == known.end()) {
      auto read = parameter_of_distribution(rows.bytes(1), rows.bytes(3));
      wrote =
          known.emplace(rows.text(3), read ? std::optional{std::move(*read)} : std::nullopt).first;
    }
    if (!wrote->second) return;
    if (auto text = json_of_internal(*wrote->second, rows.real(2)))
      row.outside.insert_or_assign(rows.text(1), std::move(*text));
  });
}

/// Nothing where Optuna stored NaN, or no number; we store none.
std::optional<double> stored_value(const sql::cursor& rows, int value, int type) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto word = rows.bytes(type);
  if (word == "INF_POS") return infinity;
  if (word == "INF_NEG") return -infinity;
  if (word == "FINITE" && !rows.is_null(value)) return rows.real(value);
  return std::nullopt;
}

result<void> read_values(sql::connection& file, rows_type& into) {
  auto rows = file.with(
      "SELECT trial_id, value, value_type FROM trial_values"
      " WHERE trial_id BETWEEN ? AND ? ORDER BY trial_id, objective",
      into.front().trial_id, into.back().trial_id);
  return for_each_trial(rows, into, [&](tuner::trial& row, std::size_t) {
    if (const auto value = stored_value(rows, 1, 2)) row.values.push_back(*value);
  });
}

result<void> read_attributes(sql::connection& file, rows_type& into) {
  auto rows = file.with(
      "SELECT trial_id, key, value_json FROM trial_user_attributes"
      " WHERE trial_id BETWEEN ? AND ? ORDER BY trial_id",
      into.front().trial_id, into.back().trial_id);
  return for_each_trial(rows, into, [&](tuner::trial& row, std::size_t) {
    row.user_attrs.insert_or_assign(rows.text(1), rows.text(2));
  });
}

result<void> read_reports(sql::connection& file, rows_type& into) {
  auto rows = file.with(
      "SELECT trial_id, step, intermediate_value, intermediate_value_type"
      " FROM trial_intermediate_values WHERE trial_id BETWEEN ? AND ? ORDER BY trial_id, step",
      into.front().trial_id, into.back().trial_id);
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  return for_each_trial(rows, into, [&](tuner::trial& row, std::size_t) {
    row.reports.push_back({rows.integer(1), stored_value(rows, 2, 3).value_or(none)});
  });
}

/// Calls `take` with each trial that has this system attribute, and the attribute's JSON.
template <class Take>
result<void> read_system_attribute(sql::connection& file, rows_type& into, std::string_view key,
                                   Take take) {
  auto rows = file.with(
      "SELECT trial_id, value_json FROM trial_system_attributes"
      " WHERE trial_id BETWEEN ? AND ? AND key = ? ORDER BY trial_id",
      into.front().trial_id, into.back().trial_id, key);
  return for_each_trial(rows, into,
                        [&](tuner::trial& row, std::size_t) { take(row, rows.bytes(1)); });
}

void note_mark_of_reports(tuner::trial& row, std::string_view json) {
  const auto mark = nlohmann::json::parse(json, nullptr, false);
  if (!mark.is_object()) return;
  const auto run = mark.find("run");
  if (run != mark.end() && run->is_string()) row.run = run->get<std::string>();
  const auto stop = mark.find("stop");
  row.is_told_to_stop = stop != mark.end() && *stop == true;
}

void note_lost(tuner::trial& row, std::string_view) {
  row.gave_back = row.state == tuner::trial_state::fail;
}

void note_constraints(tuner::trial& row, std::string_view json) {
  row.constraints = constraints_in(json);
}

}  // namespace

std::vector<double> constraints_in(std::string_view json) {
  return constraints_of(read_python_json(json));
}

result<std::vector<stored_trial>> read_trials(sql::connection& file, std::int64_t study_id,
                                              const tuner::space& over, std::int64_t first,
                                              std::int64_t last) {
  auto found = read_rows(file, study_id, first, last);
  if (!found || found->empty()) return found;
  auto outside = read_points(file, over, *found);
  if (!outside) return outside.error();
  if (auto read = read_enqueued(file, over, *outside, *found); !read) return read.error();
  if (std::ranges::find(*outside, true) != outside->end())
    if (auto read = read_outside(file, *outside, *found); !read) return read.error();
  if (auto read = read_values(file, *found); !read) return read.error();
  if (auto read = read_attributes(file, *found); !read) return read.error();
  if (auto read = read_reports(file, *found); !read) return read.error();
  auto read = read_system_attribute(file, *found, reports_attribute, note_mark_of_reports);
  if (read) read = read_system_attribute(file, *found, constraints_attribute, note_constraints);
  if (read) read = read_system_attribute(file, *found, lost_attribute, note_lost);
  if (!read) return read.error();
  return found;
}

result<std::vector<tuner::trial>> study_store::trials(std::string_view study,
                                                      const tuner::space& over) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  auto found = read_trials(file_->rows, *id, over, 0, std::numeric_limits<std::int64_t>::max());
  if (!found) return found.error();
  std::vector<tuner::trial> trials;
  trials.reserve(found->size());
  for (auto& each : *found) trials.push_back(std::move(each.row));
  // Nearly always they are, and moving 100,000 trials about costs more than reading them.
  if (!std::ranges::is_sorted(trials, {}, &tuner::trial::number))
    std::ranges::stable_sort(trials, {}, &tuner::trial::number);
  return trials;
}

result<std::optional<tuner::trial>> study_store::owner(std::string_view study,
                                                       const tuner::space& over,
                                                       std::string_view key) {
  auto reading = sql::transaction::begin_reading(file_->rows);
  if (!reading) return reading.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  auto own = has_own_tables(file_->rows);
  if (!own) return own.error();
  if (!*own) return std::optional<tuner::trial>();
  std::int64_t trial_id = 0;
  {
    auto rows = file_->rows.with("SELECT trial_id FROM fabric_point WHERE study_id = ? AND key = ?",
                                 *id, sql::blob{key});
    auto more = rows.next();
    if (!more) return more.error();
    if (!*more) return std::optional<tuner::trial>();
    trial_id = rows.integer(0);
  }
  auto found = read_trials(file_->rows, *id, over, trial_id, trial_id);
  if (!found) return found.error();
  if (found->empty()) return std::optional<tuner::trial>();
  return std::optional<tuner::trial>(std::move(found->front().row));
}

}  // namespace fabric::store

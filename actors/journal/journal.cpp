#include "actors/journal/journal.hpp"

#include <algorithm>

#include "actors/journal/trial_states.hpp"
#include "actors/store/distribution.hpp"
#include "actors/store/fixed_params.hpp"
#include "actors/store/local_time.hpp"

namespace fabric::journal {

using nlohmann::json;
using store::journal_op;
using store::journal_record;

namespace {

/// Whether the space has the parameter, at this point where there is one.
bool has_parameter(const tuner::space& over, const std::optional<tuner::point>& where,
                   const std::string& name) {
  const auto& all = over.parameters();
  const auto found = std::ranges::find(all, name, &tuner::parameter::name);
  return found != all.end() &&
         (!where || over.is_active(*where, static_cast<std::size_t>(found - all.begin())));
}

std::vector<double> numbers_in(const json& fields) {
  std::vector<double> found;
  const auto add = [&](const json& value) {
    if (const auto number = store::number_of(value)) found.push_back(*number);
  };
  if (fields.contains("values") && fields["values"].is_array()) {
    for (const auto& value : fields["values"]) add(value);
  } else if (fields.contains("value")) {
    add(fields["value"]);
  }
  return found;
}

fault deleted(const std::string& study) {
  return {fault_code::not_found, "the study '" + study + "' was deleted", "end the worker"};
}

/// Optuna names a worker by its process and, after the last dash, its thread.
std::string process_of(const json& fields) {
  const auto worker = fields.value("worker_id", std::string{});
  return worker.substr(0, worker.rfind('-'));
}

std::string isoformat(std::int64_t wall_ms) {
  auto text = store::local_time_text(wall_ms).value_or("1970-01-01 00:00:00.000000");
  text[10] = 'T';
  return text;
}

}  // namespace

journal::journal(settings how) : how_(std::move(how)) {}

std::map<std::int64_t, std::string> journal::studies() const {
  std::map<std::int64_t, std::string> found;
  for (std::size_t i = 0; i < studies_.size(); ++i) {
    if (!studies_[i].is_deleted) found[static_cast<std::int64_t>(i)] = studies_[i].name;
  }
  return found;
}

bool journal::has(std::string_view study) const {
  return std::ranges::any_of(
      studies_, [&](const auto& each) { return !each.is_deleted && each.name == study; });
}

result<journal_entry> journal::replay(const std::string& text) {
  auto record = store::read_journal_record(text);
  if (!record) return record.error();
  journal_entry entry{.text = text};
  apply(*record, entry);
  return entry;
}

bool journal::evaluates(const std::string& process, const behind_asker& may_be_its) const {
  return std::ranges::any_of(open_, [&](std::int64_t id) {
    return trials_[static_cast<std::size_t>(id)].process == process && may_be_its(id);
  });
}

journal::answer journal::append(const std::string& text, const taken_elsewhere& taken,
                                const behind_asker& may_be_its) {
  auto record = store::read_journal_record(text);
  if (!record) return {answer::kind::refused, {}, record.error()};
  answer made;
  made.entry.text = text;
  const bool is_new = record->op == journal_op::create_trial;
  if (const auto* gone = is_new ? dead(record->fields) : nullptr)
    return {answer::kind::refused, {}, deleted(gone->name)};
  auto* in = is_new ? living(record->fields) : nullptr;
  const bool wants_point = in != nullptr && !record->fields.contains("state") && !in->is_free_form;
  const bool may_wait = wants_point && !evaluates(process_of(record->fields), may_be_its);
  if (may_wait && !in->over && in->teacher) return {answer::kind::later, {}, {}};
  if (wants_point && in->over) {
    const auto where = next_point(*in, taken);
    if (!where && in->open > 0 && may_wait) return {answer::kind::later, {}, {}};
    if (!where) return {answer::kind::refused, {}, exhausted(*in)};
    record->fields["system_attrs"] = {{"fixed_params", store::fixed_params(*in->over, *where)}};
    made.entry.text = store::text_of(record->fields);
  }
  apply(*record, made.entry);
  return made;
}

std::vector<journal_entry> journal::lose(std::int64_t trial, std::int64_t wall_ms) {
  const json note = {{"op_code", static_cast<int>(journal_op::set_trial_system_attr)},
                     {"worker_id", own_worker},
                     {"trial_id", trial},
                     {"system_attr", {{std::string{store::lost_attribute}, true}}}};
  const json end = {{"op_code", static_cast<int>(journal_op::set_trial_state_values)},
                    {"worker_id", own_worker},
                    {"trial_id", trial},
                    {"state", static_cast<std::int64_t>(failed)},
                    {"values", nullptr},
                    {"datetime_complete", isoformat(wall_ms)}};
  std::vector<journal_entry> entries;
  for (const auto& fields : {note, end}) entries.push_back(std::move(*replay(fields.dump())));
  return entries;
}

journal::study* journal::any(const json& fields) {
  const auto id = fields["study_id"].get<std::int64_t>();
  const bool is_known = id >= 0 && id < static_cast<std::int64_t>(studies_.size());
  return is_known ? &studies_[static_cast<std::size_t>(id)] : nullptr;
}

journal::study* journal::living(const json& fields) {
  auto* found = any(fields);
  return found != nullptr && found->is_deleted ? nullptr : found;
}

journal::study* journal::dead(const json& fields) {
  auto* found = any(fields);
  return found != nullptr && found->is_deleted ? found : nullptr;
}

bool journal::is_updatable(std::int64_t id) const {
  if (id < 0 || id >= static_cast<std::int64_t>(trials_.size())) return false;
  const auto& t = trials_[static_cast<std::size_t>(id)];
  return !is_over(t.state) && !studies_[static_cast<std::size_t>(t.study)].is_deleted;
}

void journal::apply(const journal_record& record, journal_entry& entry) {
  texts_.push_back(entry.text);
  const auto& fields = record.fields;
  if (fields.contains("trial_id")) {
    const auto trial = fields["trial_id"].get<std::int64_t>();
    entry.counts = is_updatable(trial);
    if (!entry.counts) return;
    entry.about = trial;
  }
  switch (record.op) {
    case journal_op::create_study: return make_study(fields, entry);
    case journal_op::create_trial: return make_trial(fields, entry);
    case journal_op::set_trial_state_values: return change_state(fields, entry);
    case journal_op::delete_study: {
      auto* in = living(fields);
      entry.counts = in != nullptr;
      if (in == nullptr) return;
      in->is_deleted = true;
      ++endings_;
      const auto id = fields["study_id"].get<std::int64_t>();
      std::erase_if(open_, [&](std::int64_t open) { return known(open).study == id; });
      return;
    }
    case journal_op::set_study_user_attr:
    case journal_op::set_study_system_attr: entry.counts = living(fields) != nullptr; return;
    case journal_op::set_trial_param: return set_param(fields, entry);
    case journal_op::set_trial_intermediate_value: {
      auto& last = known(entry.about).last_report;
      const auto step = fields["step"].get<std::int64_t>();
      if (!last || step >= last->step) {
        last = {step, *store::number_of(fields["intermediate_value"])};
      }
      return;
    }
    case journal_op::set_trial_system_attr:
      note_constraints(fields["system_attr"], known(entry.about));
      if (fields["system_attr"].contains("grid_id"))
        note_grid(studies_[static_cast<std::size_t>(known(entry.about).study)]);
      return;
    case journal_op::set_trial_user_attr: return;
  }
}

/// Optuna's samplers write them before the trial ends.
void journal::note_constraints(const json& system_attributes, trial& to) {
  const auto found = system_attributes.find(store::constraints_attribute);
  if (found != system_attributes.end()) to.constraints = store::constraints_of(*found);
}

void journal::make_study(const json& fields, journal_entry& entry) {
  const auto name = fields["study_name"].get<std::string>();
  if (has(name)) {
    entry.counts = false;  // its writer sees it and says so
    return;
  }
  entry.made = static_cast<std::int64_t>(studies_.size());
  auto& made = studies_.emplace_back();
  made.name = name;
  for (const auto& direction : fields["directions"]) made.is_maximized.push_back(direction == 2);
  const auto declared = how_.spaces.find(name);
  if (declared == how_.spaces.end()) return;
  for (const auto& each : declared->second.parameters()) {
    entry.space.push_back(tuner::to_string(each));
  }
  use_space(made, declared->second);
}

void journal::make_trial(const json& fields, journal_entry& entry) {
  auto* in = living(fields);
  entry.counts = in != nullptr;
  if (in == nullptr) return;
  entry.made = entry.about = static_cast<std::int64_t>(trials_.size());
  auto& t = trials_.emplace_back();
  t.study = fields["study_id"].get<std::int64_t>();
  t.state = fields.value("state", static_cast<std::int64_t>(running));
  t.process = process_of(fields);
  for (const auto& [name, value] : store::object_in(fields, "params").items()) {
    t.params[name] = {*store::number_of(value), fields["distributions"][name].get<std::string>()};
  }
  t.values = numbers_in(fields);
  if (t.state == running) open_.insert(entry.made);
  ++in->open;
  for (const auto& [name, shown] : t.params)
    if (in->over && has_parameter(*in->over, {}, name)) follow(*in, name, shown.second);
  const auto& attrs = store::object_in(fields, "system_attrs");
  if (attrs.contains("fixed_params")) t.fixed = attrs["fixed_params"];
  note_constraints(attrs, t);
  if (in->over && !is_over(t.state)) {
    lease(*in, entry.made, entry);
  } else if (!in->over && t.state == running && !in->teacher) {
    in->teacher = entry.made;
  }
  if (is_over(t.state)) end(entry.made, false);
}

/// The point that the trial was given or that all of its parameters have.
void journal::lease(study& in, std::int64_t id, journal_entry& entry) {
  auto& t = known(id);
  t.where = t.fixed.is_null() ? point_of(in, t) : store::point_of_fixed(*in.over, t.fixed);
  if (!t.where) return;
  const auto again = std::ranges::find(in.lost, *t.where);
  if (again != in.lost.end()) {
    in.lost.erase(again);
  } else if (in.points->is_free(*t.where)) {
    in.points->lease(*t.where, static_cast<tuner::trial_number>(id));
  } else {
    t.where.reset();  // somebody asked for it a second time
    return;
  }
  in.chooser->started(static_cast<std::uint64_t>(id), *t.where);
  entry.key = tuner::canonical_key(*in.over, *t.where);
  for (std::size_t i = 0; i < in.over->parameters().size(); ++i) {
    if (!in.over->is_active(*t.where, i)) continue;
    const auto& parameter = in.over->parameters()[i];
    entry.where.push_back({parameter.name, store::internal_value(*in.over, *t.where, i),
                           store::distribution_text(parameter)});
  }
}

/// A parameter that the space does not know, or not at the trial's point, shows that points of the
/// space are no whole trials, so leasing them would promise too much.
void journal::set_param(const json& fields, journal_entry& entry) {
  auto& t = known(entry.about);
  const auto name = fields["param_name"].get<std::string>();
  t.params[name] = {*store::number_of(fields["param_value_internal"]),
                    fields["distribution"].get<std::string>()};
  auto& in = studies_[static_cast<std::size_t>(t.study)];
  if (!in.over) return;
  if (has_parameter(*in.over, t.where, name))
    return follow(in, name, fields["distribution"].get<std::string>());
  leave_free(in, "trials ask for '" + name + "', which its space does not have" +
                     (t.where ? " at their points" : ""));
  ++endings_;
}

void journal::change_state(const json& fields, journal_entry& entry) {
  auto& t = known(entry.about);
  const auto state = fields["state"].get<std::int64_t>();
  if (state == running && t.state == running) {
    entry.counts = false;
    return;
  }
  t.state = state;
  t.process = process_of(fields);
  if (auto values = numbers_in(fields); !values.empty()) t.values = std::move(values);
  if (state == running) open_.insert(entry.about);
  if (state == waiting) open_.erase(entry.about);
  if (!is_over(state)) return;
  const bool is_lost = state == failed && fields["worker_id"] == own_worker;
  entry.gives_back = is_lost && t.where.has_value();
  end(entry.about, is_lost);
}

/// The trial is over, by a worker or because its worker is.
void journal::end(std::int64_t id, bool is_lost) {
  open_.erase(id);
  ++endings_;
  const auto& t = known(id);
  auto& in = studies_[static_cast<std::size_t>(t.study)];
  --in.open;
  if (in.over) {
    if (!is_lost) return settle(in, id);
    if (!t.where) return;
    known(id).is_lost = true;
    in.lost.push_back(*t.where);
    in.chooser->ended(static_cast<std::uint64_t>(id), *t.where, {});
    return;
  }
  if (in.teacher == id) in.teacher.reset();
  if (is_lost || t.params.empty() || in.is_free_form) return;
  in.ended.push_back(id);
  learn(in, id);
}

std::optional<tuner::point> journal::point_of(const study& in, const trial& t) const {
  tuner::point where;
  for (std::size_t i = 0; i < in.over->parameters().size(); ++i) {
    const auto found = t.params.find(in.over->parameters()[i].name);
    const bool has = found != t.params.end();
    if (has != in.over->is_active(where, i)) return std::nullopt;
    if (!has) {
      where.push_back(tuner::inactive);
      continue;
    }
    const store::value_reader reader(*in.over, i, found->second.second);
    const auto at = reader.coordinate_of(found->second.first);
    if (!at) return std::nullopt;
    where.push_back(*at);
  }
  return where;
}

/// The point of a trial that has ended is done: the one it was given, or else the one it had.
void journal::settle(study& in, std::int64_t id) {
  const auto& t = known(id);
  const auto where = t.where ? t.where : point_of(in, t);
  if (!where) return;
  tuner::outcome how;
  tuner::finding found;
  if (t.state == complete && t.values.size() == in.is_maximized.size()) {
    how.state = tuner::trial_state::complete;
    found.values = t.values;
    for (std::size_t i = 0; i < t.values.size(); ++i) {
      how.losses.push_back(in.is_maximized[i] ? -t.values[i] : t.values[i]);
    }
  } else if (t.state == pruned) {
    how.state = tuner::trial_state::pruned;
  }
  how.violation = tuner::violation_of(t.constraints);
  how.constraints = found.constraints = t.constraints;
  if (t.last_report) {
    how.last_report = t.last_report;
    if (in.is_maximized.front()) how.last_report->loss = -t.last_report->loss;
  }
  if (t.where) {
    in.points->release(*where, found);
  } else {
    const auto twin = std::ranges::find(in.lost, *where);
    if (twin != in.lost.end()) {
      in.lost.erase(twin);
      in.points->release(*where, found);
    } else if (in.points->is_free(*where)) {
      in.points->settle(*where, static_cast<tuner::trial_number>(id), found);
    }
  }
  in.chooser->ended(static_cast<std::uint64_t>(id), *where, how);
}

/// Lost ones first.
std::optional<tuner::point> journal::next_point(study& in, const taken_elsewhere& taken) {
  if (!in.lost.empty()) return in.lost.front();
  for (;;) {
    auto where = in.chooser->propose(*in.points, tuner::freedom::only_free);
    if (!where) return std::nullopt;
    if (!taken(in.name, tuner::canonical_key(*in.over, *where))) return where;
    in.points->settle(*where, static_cast<tuner::trial_number>(trials_.size()), {});
  }
}

}  // namespace fabric::journal

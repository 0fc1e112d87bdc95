#include <chrono>

#include "actors/journal/service.hpp"

/// What others do to the studies in the tables, while the server runs and while it does not.
namespace fabric::journal {

namespace {

constexpr auto look_period = std::chrono::seconds{1};

}  // namespace

/// Whether there is any. What cannot be read now is read by the next look. Faults: stale_epoch.
result<void> service::look(instant now) {
  if (now < next_look_) return {};
  next_look_ = now + look_period;
  auto newest = store_.check_epoch();
  if (!newest && newest.error().code == fault_code::stale_epoch) return newest;
  const auto declared = store_.spaces();
  if (declared && journal_.differs_from(*declared)) (void)reload();
  const auto gone = store_.vanished();
  const auto news = store_.has_news();
  has_news_ = (gone && !gone->empty()) || (news && *news);
  return {};
}

result<void> service::take_all() {
  if (auto begun = store_.begin(); !begun) return begun;
  if (auto done = take_news(); !done) return done;
  return store_.commit();
}

/// Studies that are gone, new ones, and trials that others enqueued or ended. Inside of a
/// transaction.
result<void> service::take_news() {
  if (auto done = drop_vanished(); !done) return done;
  auto names = store_.unknown();
  if (!names) return names.error();
  if (auto done = import(*names); !done) return done;
  for (const auto& [id, name] : journal_.studies()) {
    auto records = store_.import_more(name, id);
    if (!records) return records.error();
    if (auto kept = keep(*records); !kept) return kept;
  }
  return {};
}

/// Studies that others deleted from the tables: their workers read it in the journal. Inside of a
/// transaction.
result<void> service::drop_vanished() {
  auto gone = store_.vanished();
  if (!gone) return gone.error();
  for (const auto id : *gone) {
    auto entry = journal_.replay(R"({"op_code": 1, "worker_id": ")" + std::string(own_worker) +
                                 R"(", "study_id": )" + std::to_string(id) + "}");
    if (!entry) return entry.error();
    entry->row = store::rows_are_gone;
    if (auto stored = store_.append(*entry); !stored) return stored;
  }
  return {};
}

/// Studies that somebody else made in the tables. Inside of a transaction.
result<void> service::import(const std::vector<std::string>& studies) {
  if (studies.empty()) return {};
  auto declared = store_.spaces();
  if (!declared) return declared.error();
  journal_.declare(std::move(*declared));
  for (const auto& name : studies) {
    auto records = store_.import(name, journal_.studies_made());
    if (!records) return records.error();
    if (auto kept = keep(*records); !kept) return kept;
  }
  return {};
}

result<void> service::keep(const std::vector<store::study_journal::imported>& records) {
  for (const auto& each : records) {
    auto entry = journal_.replay(each.text);
    if (!entry) return entry.error();
    entry->row = each.row;
    if (auto stored = store_.append(*entry); !stored) return stored;
  }
  return {};
}

/// A trial that another tuner took over while no server lived is lost for its worker, whose late
/// result does not count. What becomes of it is the other's.
result<void> service::check_holder(std::int64_t trial, std::int64_t wall_ms) {
  if (!journal_.is_updatable(trial)) return {};
  auto is_ours = store_.is_ours(trial);
  if (!is_ours) return is_ours.error();
  if (*is_ours) return {};
  for (auto& entry : journal_.lose(trial, wall_ms)) {
    entry.row = store::rows_are_gone;
    if (auto stored = store_.append(entry); !stored) return stored;
  }
  return store_.let_go(trial);
}

result<void> service::check_holders(std::int64_t wall_ms) {
  if (auto begun = store_.begin(); !begun) return begun;
  for (const auto trial : std::set<std::int64_t>(journal_.open()))
    if (auto checked = check_holder(trial, wall_ms); !checked) return checked;
  return store_.commit();
}

}  // namespace fabric::journal

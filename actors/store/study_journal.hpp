#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "actors/store/journal_record.hpp"
#include "actors/store/study_store.hpp"
#include "scheduler/tuner/space.hpp"

namespace fabric::store {

/// The journal of a server of Optuna's clients, kept beside the studies that it is about: a record
/// and what it changes in Optuna's tables are one transaction.
///
///   fabric_journal(position, record)      the records, from 0 on
///   fabric_journal_study, _trial          ids in the journal to ids in the tables
///   fabric_journal_uid(id, uid)           which study it was: a later one may get its name and id
///   fabric_journal_server(epoch)          the server that may write: the latest to come
///
/// Trials of its workers are leased to the server as a tuner of their study, so that other tuners
/// leave them alone while it lives. One that another took over, because the server was away, is not
/// `is_ours` any more.
///
/// All calls from one thread at a time. Faults: those of `study_store`; stale_epoch where another
/// server has taken over.
class study_journal {
 public:
  static result<study_journal> open(const std::string& url, tuner_mark who);
  ~study_journal();
  study_journal(study_journal&&) noexcept;
  study_journal& operator=(study_journal&&) noexcept;

  /// From now on this one writes. Answers all records in their order.
  result<std::vector<std::string>> take_over();
  /// The same again, after a fault: what is stored. Keeps the epoch.
  result<std::vector<std::string>> read();

  /// Fault stale_epoch where another server has taken over. Outside of a transaction, too.
  result<void> check_epoch();
  /// BEGIN. Between it and `commit` the calls below.
  result<void> begin();
  result<void> append(const journal_entry& entry);
  /// True where a trial of the study has the point already.
  result<bool> is_taken(std::string_view study, std::string_view key);
  /// Whether a trial that is open in the journal is so in the tables, and no other tuner's.
  result<bool> is_ours(std::int64_t trial);
  /// What becomes of that trial in the tables is news from now on.
  result<void> let_go(std::int64_t trial);
  /// Shows other tuners that this server lives.
  result<void> beat();
  /// Records that make a study of the tables known to the journal under this id, with its trials
  /// that have ended or wait. Empty where there is no such study.
  struct imported {
    std::string text;
    std::int64_t row = 0;
  };
  result<std::vector<imported>> import(std::string_view study, std::int64_t id);
  /// The same of a study that the journal knows: the trials that others have added since.
  result<std::vector<imported>> import_more(std::string_view study, std::int64_t id);
  result<void> commit();
  void roll_back();

  /// Whether others have added studies, or trials that have ended or wait. Outside of a
  /// transaction, too. Costs the same however many trials the journal knows.
  result<bool> has_news();
  /// Names of the studies in the tables that the journal does not know.
  result<std::vector<std::string>> unknown();
  /// Studies, by their ids in the journal, that were deleted from the tables behind its back, also
  /// where others have their names and ids by now. Outside of a transaction, too.
  result<std::vector<std::int64_t>> vanished();
  /// The declared spaces of the studies in the tables.
  result<std::map<std::string, tuner::space>> spaces();

  /// Its URL, without a password: for hints.
  [[nodiscard]] std::string url() const;
  /// Where it is, without a password.
  [[nodiscard]] const std::string& place() const;

 private:
  struct file;
  explicit study_journal(std::unique_ptr<file> f);
  std::unique_ptr<file> file_;
};

}  // namespace fabric::store

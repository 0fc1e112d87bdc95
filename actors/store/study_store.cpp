#include "actors/store/study_store.hpp"

#include <sodium.h>

#include <unistd.h>

#include <array>
#include <limits>

#include "actors/store/distribution.hpp"
#include "actors/store/local_disk.hpp"
#include "actors/store/study_file.hpp"
#include "actors/store/study_name.hpp"
#include "actors/store/study_schema.hpp"
#include "actors/store/study_url.hpp"

namespace fabric::store {

namespace {

constexpr std::array<std::pair<tuner::duplicates, std::string_view>, 3> repeats_names = {{
    {tuner::duplicates::never, "never"},
    {tuner::duplicates::cached, "cached"},
    {tuner::duplicates::allow, "allow"},
}};

result<void> check_place(const std::string& path, study_store::mode how) {
  const bool exists = ::access(path.c_str(), F_OK) == 0;
  if (!exists && how != study_store::mode::create) {
    return fault{fault_code::not_found, "study file " + path + " does not exist",
                 "check the path; sqlite:///name is relative, sqlite:////name absolute"};
  }
  if (how == study_store::mode::read_only) return {};
  if (exists && ::access(path.c_str(), W_OK) != 0) {
    return fault{fault_code::store_failed, "study file " + path + " cannot be written",
                 "check its permissions"};
  }
  return check_local_disk(path);
}

sqlite::access access_for(const std::string& path, study_store::mode how) {
  if (how == study_store::mode::create) return sqlite::access::create;
  // Whoever reads after a crash must undo the half-written transaction first, so a file is opened
  // for writing where that is allowed.
  const bool may_write = ::access(path.c_str(), W_OK) == 0;
  return may_write ? sqlite::access::read_write : sqlite::access::read_only;
}

result<sql::connection> connect(std::string_view url, study_store::mode how) {
  if (is_postgres_url(url)) {
    if (auto fine = check_postgres_url(url); !fine) return fine.error();
    auto session =
        postgres::connection::open(std::string(url), {how == study_store::mode::read_only});
    if (!session) return session.error();
    return sql::connection(std::move(*session));
  }
  auto path = path_of_study_url(url);
  if (!path) return path.error();
  if (auto good = check_place(*path, how); !good) return good.error();
  auto file = sqlite::connection::open(*path, {access_for(*path, how)});
  if (!file) return file.error();
  return sql::connection(std::move(*file));
}

const char* pragmas_for(study_store::mode how) {
  if (how == study_store::mode::read_only) {
    return "PRAGMA query_only = ON; PRAGMA cache_size = -65536";
  }
  return "PRAGMA foreign_keys = ON;"
         "PRAGMA synchronous = FULL;"
         "PRAGMA cache_size = -65536";
}

}  // namespace

study_store::study_store(std::unique_ptr<file> f) : file_(std::move(f)) {}
study_store::~study_store() = default;
study_store::study_store(study_store&&) noexcept = default;
study_store& study_store::operator=(study_store&&) noexcept = default;

result<sql::connection> open_studies(std::string_view url, study_store::mode how) {
  using mode = study_store::mode;
  auto rows = connect(url, how);
  if (!rows) return rows;
  auto kind = check_study_file(*rows);
  if (!kind) return kind.error();
  if (*kind == study_file_kind::empty && how != mode::create) {
    return fault{fault_code::bad_message, rows->path() + " has no studies yet",
                 "name another storage, or make a study in it first"};
  }
  if (*kind == study_file_kind::empty) {
    if (auto made = make_study_tables(*rows); !made) return made.error();
    if (auto now = check_study_file(*rows); !now) return now.error();
  }
  if (!rows->is_postgres()) {
    if (auto set = rows->execute(pragmas_for(how)); !set) return set.error();
  }
  return rows;
}

result<study_store> study_store::open(std::string_view url, mode how) {
  auto rows = open_studies(url, how);
  if (!rows) return rows.error();
  return study_store(std::make_unique<file>(file{std::move(*rows), {}, {}, {}, {}}));
}

void study_store::wait_by(const patience& how) { file_->rows.wait_by(how); }

std::string study_store::words_for(std::string_view study) const {
  return study_words(study, url_of(file_->rows));
}

std::string url_of(const sql::connection& rows) {
  return (rows.is_postgres() ? "" : "sqlite:///") + rows.path();
}

result<std::int64_t> study_store::file::id_of(std::string_view study) {
  {
    auto found = rows.with("SELECT study_id FROM studies WHERE study_name = ?", study);
    auto more = found.next();
    if (!more) return more.error();
    if (*more) return found.integer(0);
  }
  constexpr int named_max = 10;
  std::string names;
  int count = 0;
  auto others = rows.with("SELECT study_name FROM studies ORDER BY study_id DESC LIMIT 11");
  for (;; ++count) {
    auto more = others.next();
    if (!more) return more.error();
    if (!*more || count == named_max) break;
    names.append(names.empty() ? "" : ", ").append(others.bytes(0));
  }
  if (count == named_max) names += ", ...";
  return fault{fault_code::not_found,
               "study '" + std::string(study) + "' does not exist in " + rows.path(),
               names.empty() ? "the file has no studies" : "it has: " + names};
}

namespace {

result<void> check_storable(const tuner::space& over) {
  for (const auto& parameter : over.parameters())
    if (auto fits = store::check_storable(parameter); !fits) return fits;
  return {};
}

result<void> declare(sql::connection& rows, std::int64_t id, const tuner::space& over) {
  std::int64_t position = 0;
  for (const auto& parameter : over.parameters()) {
    auto added = rows.with(
                         "INSERT INTO fabric_parameter (study_id, position, definition)"
                         " VALUES (?, ?, ?)",
                         id, position++, tuner::to_string(parameter))
                     .run();
    if (!added) return added;
  }
  return {};
}

}  // namespace

result<void> study_store::create(const tuner::study_settings& what) {
  if (auto fine = check_new_study_name(what.name); !fine) return fine;
  if (auto fits = check_storable(what.over); !fits) return fits;
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto& rows = file_->rows;
  if (auto own = make_own_tables(rows); !own) return own;
  {
    auto found = rows.with("SELECT study_id FROM studies WHERE study_name = ?", what.name);
    auto more = found.next();
    if (!more) return more.error();
    if (*more) {
      return fault{fault_code::key_conflict,
                   "study '" + what.name + "' exists already in " + rows.path(),
                   "go on with it (--load-if-exists), or choose another name"};
    }
  }
  std::int64_t id = 0;
  {
    auto made =
        rows.with("INSERT INTO studies (study_name) VALUES (?) RETURNING study_id", what.name);
    auto more = made.next();
    if (!more) return more.error();
    id = made.integer(0);
  }
  std::int64_t objective = 0;
  for (const auto towards : what.directions) {
    const std::string_view word = towards == tuner::direction::maximize ? "MAXIMIZE" : "MINIMIZE";
    auto directed = rows.with(
                            "INSERT INTO study_directions (direction, study_id, objective)"
                            " VALUES (?, ?, ?)",
                            word, id, objective++)
                        .run();
    if (!directed) return directed;
  }
  std::optional<std::int64_t> trials_max;
  if (what.trials_max) trials_max = static_cast<std::int64_t>(*what.trials_max);
  auto kept =
      rows.with(
              "INSERT INTO fabric_study (study_id, sampler, repeats, trials_max, parallel,"
              " attempts_max, seed) VALUES (?, ?, ?, ?, ?, ?, ?)",
              id, what.sampler, repeats_names[static_cast<std::size_t>(what.repeats)].second,
              trials_max, std::int64_t{what.parallel}, std::int64_t{what.attempts_max},
              static_cast<std::int64_t>(what.seed))
          .run();
  if (!kept) return kept;
  if (auto declared = declare(rows, id, what.over); !declared) return declared;
  return change->commit();
}

result<void> study_store::redeclare(std::string_view study, const tuner::space& over) {
  if (auto fits = check_storable(over); !fits) return fits;
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  if (auto own = make_own_tables(file_->rows); !own) return own;
  auto gone = file_->rows.with("DELETE FROM fabric_parameter WHERE study_id = ?", *id).run();
  if (!gone) return gone;
  if (auto declared = declare(file_->rows, *id, over); !declared) return declared;
  return change->commit();
}

result<void> remove_rows(sql::connection& file, std::int64_t study_id) {
  static constexpr std::array<const char*, 16> deletions = {
      "DELETE FROM fabric_lease WHERE study_id = ?1",
      "DELETE FROM fabric_tuner WHERE study_id = ?1",
      "DELETE FROM fabric_point WHERE study_id = ?1",
      "DELETE FROM fabric_parameter WHERE study_id = ?1",
      "DELETE FROM fabric_study WHERE study_id = ?1",
      "DELETE FROM trial_user_attributes WHERE trial_id IN"
      " (SELECT trial_id FROM trials WHERE study_id = ?1)",
      "DELETE FROM trial_system_attributes WHERE trial_id IN"
      " (SELECT trial_id FROM trials WHERE study_id = ?1)",
      "DELETE FROM trial_params WHERE trial_id IN"
      " (SELECT trial_id FROM trials WHERE study_id = ?1)",
      "DELETE FROM trial_values WHERE trial_id IN"
      " (SELECT trial_id FROM trials WHERE study_id = ?1)",
      "DELETE FROM trial_intermediate_values WHERE trial_id IN"
      " (SELECT trial_id FROM trials WHERE study_id = ?1)",
      "DELETE FROM trial_heartbeats WHERE trial_id IN"
      " (SELECT trial_id FROM trials WHERE study_id = ?1)",
      "DELETE FROM trials WHERE study_id = ?1",
      "DELETE FROM study_directions WHERE study_id = ?1",
      "DELETE FROM study_user_attributes WHERE study_id = ?1",
      "DELETE FROM study_system_attributes WHERE study_id = ?1",
      "DELETE FROM studies WHERE study_id = ?1",
  };
  for (const auto* deletion : deletions) {
    if (auto gone = file.with(deletion, study_id).run(); !gone) return gone;
  }
  return {};
}

result<void> study_store::remove(std::string_view name) {
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto id = file_->id_of(name);
  if (!id) return id.error();
  if (auto own = make_own_tables(file_->rows); !own) return own;
  if (auto gone = remove_rows(file_->rows, *id); !gone) return gone;
  file_->seen.erase(*id);
  file_->looked_for_enqueued.erase(*id);
  return change->commit();
}

result<std::string> mark_study(sql::connection& file, std::int64_t study_id) {
  std::array<unsigned char, 16> random{};
  randombytes_buf(random.data(), random.size());
  std::string fresh(2 * random.size() + 1, '\0');
  sodium_bin2hex(fresh.data(), fresh.size(), random.data(), random.size());
  fresh.pop_back();
  auto kept = file.with(
                      "INSERT INTO study_system_attributes (study_id, key, value_json)"
                      " VALUES (?, ?, ?) ON CONFLICT (study_id, key) DO NOTHING",
                      study_id, uid_attribute, "\"" + fresh + "\"")
                  .run();
  if (!kept) return kept.error();
  auto rows =
      file.with("SELECT value_json FROM study_system_attributes WHERE study_id = ? AND key = ?",
                study_id, uid_attribute);
  auto more = rows.next();
  if (!more) return more.error();
  return rows.text(0);
}

result<std::string> study_store::uid(std::string_view study) {
  auto change = sql::transaction::begin(file_->rows);
  if (!change) return change.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  auto found = mark_study(file_->rows, *id);
  if (!found) return found;
  if (auto done = change->commit(); !done) return done.error();
  return found->substr(1, found->size() - 2);
}

result<std::optional<tuner::study_settings>> study_store::settings(std::string_view study) {
  using answer = std::optional<tuner::study_settings>;
  auto described = this->study(study);
  if (!described) return described.error();
  auto id = file_->id_of(study);
  if (!id) return id.error();
  auto own = has_own_tables(file_->rows);
  if (!own) return own.error();
  if (!*own || described->parameters.empty()) return answer();
  auto rows = file_->rows.with(
      "SELECT sampler, repeats, trials_max, parallel, attempts_max, seed FROM fabric_study"
      " WHERE study_id = ?",
      *id);
  auto more = rows.next();
  if (!more) return more.error();
  if (!*more) return answer();
  tuner::study_settings how;
  how.name = described->name;
  how.directions = described->directions;
  auto over = tuner::space::make(std::move(described->parameters));
  if (!over) return over.error();
  how.over = std::move(*over);
  how.sampler = rows.text(0);
  for (const auto& [repeats, name] : repeats_names) {
    if (rows.bytes(1) == name) how.repeats = repeats;
  }
  if (!rows.is_null(2)) how.trials_max = static_cast<std::uint64_t>(rows.integer(2));
  how.parallel = static_cast<std::uint32_t>(rows.integer(3));
  how.attempts_max = static_cast<std::uint32_t>(rows.integer(4));
  how.seed = static_cast<std::uint64_t>(rows.integer(5));
  return answer(std::move(how));
}

}  // namespace fabric::store

#include "actors/store/postgres.hpp"

#include <libpq-fe.h>

#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "actors/store/study_url.hpp"

namespace fabric::store::postgres {

namespace {

constexpr Oid bytes_type = 17;
constexpr auto connect_at_most = std::chrono::seconds{10};
constexpr auto answer_at_most = std::chrono::seconds{3};  // where nobody waits any more
constexpr auto connect_once_more = std::chrono::seconds{1};
constexpr int look_up_every_ms = 100;

/// All writers of ours take turns by this lock, in addition to the rows that Optuna locks.
constexpr const char* take_turn = "SELECT pg_advisory_xact_lock(6442450941)";

/// libpq's messages have several lines.
std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    if (c != '\n' && c != '\r' && c != '\t') {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.')) line.pop_back();
  return line;
}

struct cleared {
  void operator()(PGresult* answer) const { PQclear(answer); }
};
using owned_result = std::unique_ptr<PGresult, cleared>;

bool is_good(const PGresult* answer) {
  const auto status = PQresultStatus(answer);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

bool says(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

/// A refused connection has no SQLSTATE, only words.
std::string_view state_of_refusal(std::string_view said) {
  if (says(said, "authentication failed") || says(said, "no password supplied") ||
      says(said, "no pg_hba.conf entry")) {
    return "28000";
  }
  if (says(said, "FATAL:") && says(said, "does not exist")) return "3D000";
  if (says(said, "too many clients") || says(said, "connection slots")) return "53300";
  return "08001";
}

bool is_lasting(const fault& what) { return what.code != fault_code::unreachable; }

}  // namespace

std::string numbered(std::string_view sql) {
  std::string made;
  int last = 0;
  bool is_quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') is_quoted = !is_quoted;
    if (is_quoted || sql[i] != '?') {
      made += sql[i];
      continue;
    }
    int number = last + 1;
    const auto* first = sql.data() + i + 1;
    const auto [end, error] = std::from_chars(first, sql.data() + sql.size(), number);
    if (error == std::errc()) i += static_cast<std::size_t>(end - first);
    last = std::max(last, number);
    made += "$" + std::to_string(number);
  }
  return made;
}

fault fault_of(std::string_view state, std::string_view where, std::string_view said) {
  const auto detail = "store " + std::string(where) + ": " + one_line(said);
  const auto group = state.substr(0, 2);
  if (group == "28") return {fault_code::auth_failed, detail, "check the user and its password"};
  if (state == "3D000" || state == "3F000") {
    return {fault_code::not_found, detail, "create it first, as in: createdb NAME"};
  }
  if (state == "42501") return {fault_code::forbidden, detail, "grant the user what it lacks"};
  if (state == "25006") {
    return {fault_code::store_failed, detail, "connect to the primary, or allow writing"};
  }
  if (group == "53" && state != "53300") {
    return {fault_code::store_full, detail, "free some space on the server's disk"};
  }
  if (state == "55P03" || state == "57014" || group == "40") {
    return {fault_code::store_locked, detail, "another program is writing to it: try again"};
  }
  if (group == "23") {
    return {fault_code::internal, detail, "the rows break a rule of ours: report it"};
  }
  if (group == "08" || group == "57" || state == "53300" || state.empty()) {
    return {fault_code::unreachable, detail, "is the server running, and does it accept more?"};
  }
  return {fault_code::store_failed, detail, "see the server's log"};
}

cursor::~cursor() { PQclear(rows_); }

cursor::cursor(cursor&& other) noexcept
    : in_(other.in_),
      sql_(other.sql_),
      arguments_(std::move(other.arguments_)),
      rows_(std::exchange(other.rows_, nullptr)),
      at_(other.at_),
      decoded_(std::move(other.decoded_)) {}

result<bool> cursor::next() {
  if (rows_ == nullptr) {
    auto answer = in_->answer_to(*this);
    if (!answer) return answer.error();
    rows_ = *answer;
  }
  return ++at_ < PQntuples(rows_);
}

result<void> cursor::run() {
  auto more = next();
  if (!more) return more.error();
  return {};
}

std::int64_t cursor::integer(int column) const {
  const std::string_view text = PQgetvalue(rows_, at_, column);
  if (text == "t") return 1;
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

double cursor::real(int column) const {
  return std::strtod(PQgetvalue(rows_, at_, column), nullptr);
}

std::string_view cursor::bytes(int column) const {
  const std::string_view text(PQgetvalue(rows_, at_, column),
                              static_cast<std::size_t>(PQgetlength(rows_, at_, column)));
  if (PQftype(rows_, column) != bytes_type || !text.starts_with("\\x")) return text;
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  decoded_.clear();
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    decoded_ += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
  }
  return decoded_;
}

bool cursor::is_null(int column) const { return PQgetisnull(rows_, at_, column) != 0; }

void cursor::bind(std::int64_t value) { arguments_.push_back({std::to_string(value)}); }

void cursor::bind(double value) {
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  arguments_.push_back({std::string(text.data(), end)});
}

void cursor::bind(std::string_view text) { arguments_.push_back({std::string(text)}); }

void cursor::bind(sqlite::blob bytes) { arguments_.push_back({std::string(bytes.bytes), true}); }

void cursor::bind(std::nullptr_t) { arguments_.push_back({}); }

connection::connection(std::string url, options how)
    : url_(std::move(url)),
      how_(how),
      name_(std::make_unique<std::string>(without_password(url_))) {}

result<connection> connection::open(const std::string& url, options how) {
  // SQLAlchemy's URLs may name a driver: postgresql+psycopg2://
  std::string plain = url;
  const auto scheme = plain.find("://");
  if (const auto plus = plain.find('+'); plus < scheme) plain.erase(plus, scheme - plus);
  connection made(std::move(plain), how);
  if (auto there = made.connect(); !there) return there.error();
  return made;
}

connection::~connection() { PQfinish(session_); }

connection::connection(connection&& other) noexcept
    : url_(std::move(other.url_)),
      how_(other.how_),
      name_(std::move(other.name_)),
      session_(std::exchange(other.session_, nullptr)),
      in_transaction_(std::exchange(other.in_transaction_, false)),
      transaction_(std::move(other.transaction_)),
      statements_(std::move(other.statements_)),
      locks_(std::move(other.locks_)),
      wait_(std::move(other.wait_)) {}

connection& connection::operator=(connection&& other) noexcept {
  std::swap(url_, other.url_);
  std::swap(how_, other.how_);
  std::swap(name_, other.name_);
  std::swap(session_, other.session_);
  std::swap(in_transaction_, other.in_transaction_);
  std::swap(transaction_, other.transaction_);
  std::swap(statements_, other.statements_);
  std::swap(locks_, other.locks_);
  std::swap(wait_, other.wait_);
  return *this;
}

/// A host that never answers is given up after a while, and at once where nobody waits any more.
/// What the URL says of a dead peer overrules what stands before it.
void connection::open_session() {
  const std::array<const char*, 8> names = {
      "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
      "dbname",          "application_name",    "client_encoding",  nullptr};
  const std::array<const char*, 8> values = {"20",         "10",     "4",    "60000",
                                             url_.c_str(), "fabric", "UTF8", nullptr};
  session_ = PQconnectStartParams(names.data(), values.data(), 1);
  const bool has_given_up = wait_.is_over();
  const auto until =
      std::chrono::steady_clock::now() + (has_given_up ? connect_once_more : connect_at_most);
  for (auto step = PGRES_POLLING_WRITING;;) {
    if (PQstatus(session_) == CONNECTION_BAD) return;
    const short wanted = step == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd socket{.fd = PQsocket(session_), .events = wanted, .revents = 0};
    if (::poll(&socket, 1, look_up_every_ms) > 0) step = PQconnectPoll(session_);
    if (step == PGRES_POLLING_OK || step == PGRES_POLLING_FAILED) return;
    const bool gives_up = !has_given_up && wait_.is_over();
    if (gives_up || std::chrono::steady_clock::now() > until) return;
  }
}

result<void> connection::connect() {
  PQfinish(session_);
  statements_.clear();
  in_transaction_ = false;
  open_session();
  if (PQstatus(session_) != CONNECTION_OK) {
    std::string said = PQerrorMessage(session_);
    if (said.empty()) said = "the server does not answer";
    return fault_of(state_of_refusal(said), *name_, said);
  }
  PQsetNoticeProcessor(
      session_, [](void*, const char*) {}, nullptr);
  if (auto set = execute("SET datestyle = 'ISO'; SET extra_float_digits = 1;"
                         "SET lock_timeout = '30s'; SET standard_conforming_strings = on");
      !set) {
    return set;
  }
  if (how_.read_only) {
    if (auto set = execute("SET default_transaction_read_only = on"); !set) return set;
  }
  for (const auto key : std::exchange(locks_, {})) {
    auto again = try_lock(key);
    if (!again) return again.error();
    if (!*again) {
      return fault{fault_code::store_locked,
                   "store " + *name_ + " was taken over by another server", "stop the other one"};
    }
  }
  return {};
}

/// Outside of a transaction a lost session is replaced, with patience.
result<void> connection::be_connected() {
  if (PQstatus(session_) == CONNECTION_OK) return {};
  wait_.begin();
  for (auto pause = std::chrono::milliseconds(50);;
       pause = std::min(2 * pause, std::chrono::milliseconds(500))) {
    auto there = connect();
    if (there) wait_.end();
    if (there || is_lasting(there.error()) || !wait_.goes_on()) return there;
    wait_.tell("the server of " + *name_ + " is away; waiting for it");
    std::this_thread::sleep_for(pause);
  }
}

fault connection::fault_now(const PGresult* answer) {
  const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  return fault_of(state == nullptr ? "" : state, *name_, PQerrorMessage(session_));
}

result<void> connection::execute(const char* script) {
  const owned_result answer(answer_to(script));
  if (is_good(answer.get())) return {};
  return fault_now(answer.get());
}

PGresult* connection::answer_to(const char* script) {
  return answer_when(PQsendQuery(session_, script) != 0);
}

/// The last answer to what was sent. A server that hangs is waited for as long as the user wants,
/// and a moment: then the session is given up.
PGresult* connection::answer_when(bool is_sent) {
  owned_result last;
  auto wanted_at = std::chrono::steady_clock::now();
  while (is_sent) {
    while (PQisBusy(session_) != 0) {
      const auto now = std::chrono::steady_clock::now();
      if (wait_.is_wanted()) wanted_at = now;
      if (now - wanted_at > answer_at_most) {
        PQfinish(std::exchange(session_, nullptr));
        return nullptr;
      }
      pollfd socket{.fd = PQsocket(session_), .events = POLLIN, .revents = 0};
      if (::poll(&socket, 1, look_up_every_ms) > 0 && PQconsumeInput(session_) == 0) break;
    }
    owned_result next(PQgetResult(session_));
    if (!next) break;
    last = std::move(next);
  }
  return last.release();
}

result<std::string> connection::prepared(const char* sql) {
  if (const auto known = statements_.find(sql); known != statements_.end()) return known->second;
  const std::string name = "s" + std::to_string(statements_.size());
  const owned_result answer(
      answer_when(PQsendPrepare(session_, name.c_str(), numbered(sql).c_str(), 0, nullptr) != 0));
  if (!is_good(answer.get())) return fault_now(answer.get());
  statements_.emplace(sql, name);
  return name;
}

result<PGresult*> connection::answer_to(cursor& what) {
  if (!in_transaction_) {
    if (auto there = be_connected(); !there) return there.error();
  }
  auto name = prepared(what.sql_);
  if (!name) return name.error();
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const auto& each : what.arguments_) {
    values.push_back(each.text ? each.text->data() : nullptr);
    lengths.push_back(each.text ? static_cast<int>(each.text->size()) : 0);
    formats.push_back(each.is_binary ? 1 : 0);
  }
  PGresult* answer =
      answer_when(PQsendQueryPrepared(session_, name->c_str(), static_cast<int>(values.size()),
                                      values.data(), lengths.data(), formats.data(), 0) != 0);
  if (is_good(answer)) return answer;
  const owned_result bad(answer);
  return fault_now(answer);
}

result<void> connection::begin(bool writing) {
  if (auto there = be_connected(); !there) return there;
  const char* how = writing ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
  auto begun = execute(how);
  if (!begun && PQstatus(session_) != CONNECTION_OK) {
    // The server went away since the last statement.
    if (auto there = be_connected(); !there) return there;
    begun = execute(how);
  }
  if (!begun) return begun;
  in_transaction_ = true;
  transaction_.clear();
  if (!writing) return {};
  auto turn = execute(take_turn);
  if (turn) {
    const owned_result id(answer_to("SELECT pg_current_xact_id()"));
    if (is_good(id.get())) {
      transaction_ = PQgetvalue(id.get(), 0, 0);
      return {};
    }
    turn = fault_now(id.get());
  }
  roll_back();
  return turn;
}

result<void> connection::commit() {
  auto done = execute("COMMIT");
  in_transaction_ = false;
  if (done || transaction_.empty() || PQstatus(session_) == CONNECTION_OK) return done;
  if (auto there = be_connected(); !there) {
    return fault{fault_code::store_failed, "store " + *name_ + " was lost while it committed",
                 "what became of the last change is not known: start again once it is back"};
  }
  const auto question = "SELECT pg_xact_status('" + transaction_ + "'::xid8)";
  const owned_result answer(answer_to(question.c_str()));
  if (!is_good(answer.get())) return fault_now(answer.get());
  if (std::string_view(PQgetvalue(answer.get(), 0, 0)) == "committed") return {};
  return done;
}

void connection::roll_back() {
  if (!in_transaction_) return;
  in_transaction_ = false;
  const owned_result answer(answer_to("ROLLBACK"));
}

result<bool> connection::try_lock(std::int64_t key) {
  const auto question = "SELECT pg_try_advisory_lock(" + std::to_string(key) + ")";
  const owned_result answer(answer_to(question.c_str()));
  if (!is_good(answer.get())) return fault_now(answer.get());
  const bool is_ours = std::string_view(PQgetvalue(answer.get(), 0, 0)) == "t";
  if (is_ours) locks_.push_back(key);
  return is_ours;
}

}  // namespace fabric::store::postgres

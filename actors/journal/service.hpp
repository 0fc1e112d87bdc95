#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "actors/journal/journal.hpp"
#include "actors/journal/resp.hpp"
#include "actors/store/study_journal.hpp"
#include "fabric/instant.hpp"

/// Answers Redis' clients for Optuna's journal. Sockets and clocks are the caller's: bytes and
/// times come as arguments.
namespace fabric::journal {

using client_id = std::uint64_t;

struct service_options {
  journal::settings how;
  std::string password;  ///< empty: nobody needs one
  /// A trial whose worker's connection is gone, and who does not come back for this long, is lost.
  duration grace{std::chrono::seconds(10)};
  /// The same for trials of workers who have not said anything since the server started: most are
  /// in their objective and do not know that it did.
  duration silence{std::chrono::minutes(5)};
};

/// The studies of one storage, served. What a worker wrote is stored before it is acknowledged, and
/// before anybody else can read it.
class service {
 public:
  /// Takes the storage over. Faults: those of `store::study_journal`.
  static result<service> start(store::study_journal kept, service_options how, instant now,
                               std::int64_t wall_ms);

  void connected(client_id client);
  void received(client_id client, std::string_view bytes);
  void disconnected(client_id client, instant now);

  struct outbox {
    std::map<client_id, std::string> bytes;
    std::set<client_id> hang_up;         ///< after the bytes were sent
    std::vector<std::string> notices{};  ///< lines for whoever runs the server, each once
  };
  /// Answers what can be answered. `wall_ms`: since 1970. Faults: those after which it must not go
  /// on (stale_epoch).
  result<outbox> step(instant now, std::int64_t wall_ms);

  /// When `step` has something to do though nobody says anything.
  [[nodiscard]] std::optional<instant> next_deadline() const;
  [[nodiscard]] const journal& records() const { return journal_; }

 private:
  struct client {
    request_reader from;
    std::optional<request> waiting;  ///< read and not answered yet
    bool is_known = false;           ///< has given the password
    bool is_over = false;
  };
  struct holder {
    std::optional<client_id> by;
    std::optional<instant> until;  ///< where its connection is gone
  };

  service(store::study_journal kept, service_options how);

  result<void> reload();
  result<void> look(instant now);
  result<void> take_all();
  result<void> take_news();
  result<void> drop_vanished();
  result<void> import(const std::vector<std::string>& studies);
  result<void> keep(const std::vector<store::study_journal::imported>& records);
  void read_next(client& from, std::string& to);
  void answer(client& from, std::string& to);
  std::string authenticate(client& from, const request& words) const;
  std::string get(const std::string& key) const;
  result<bool> write_batch(instant now, std::int64_t wall_ms, outbox& to);
  result<void> try_batch(instant now, std::int64_t wall_ms, std::map<client_id, std::string>& said);
  result<void> append(client_id client, const std::string& record, std::int64_t wall_ms,
                      std::string& said);
  result<void> check_holder(std::int64_t trial, std::int64_t wall_ms);
  result<void> check_holders(std::int64_t wall_ms);
  result<void> beat(instant now);
  void hold(const journal_entry& entry, client_id client);
  void drop_ended();
  void tell(outbox& to);

  store::study_journal store_;
  service_options how_;
  journal journal_;
  std::map<client_id, client> clients_;
  std::map<std::int64_t, holder> holders_;  ///< by open trial
  std::set<client_id> held_;                ///< wait for a point
  std::uint64_t endings_seen_ = 0;
  instant next_beat_{};
  instant next_look_{};
  std::set<std::string> told_;  ///< notices
  bool has_news_ = false;       ///< of what others did, as the last look has shown
};

}  // namespace fabric::journal

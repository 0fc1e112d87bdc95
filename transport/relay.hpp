#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "fabric/result.hpp"
#include "transport/message.hpp"
#include "transport/poll_loop.hpp"

namespace fabric::transport {

/// Which program is reached over which connection, and who has exchanged parcels with whom. A
/// value: the head's door tells it who comes and goes.
///
/// A program that has lost its connection is waited for; when its patience is over, or when it said
/// goodbye, it is gone for good, and those who know it are to be told.
class relay {
 public:
  /// Where a program's session is.
  struct route {
    connection_id connection;
    session_id session;
    std::uint32_t version = 0;

    bool operator==(const route&) const = default;
  };
  struct departure {
    program_id program;
    std::string lent_key;          ///< the key that its workers used; may be empty
    std::vector<route> witnesses;  ///< connected programs that exchanged parcels with it
  };
  /// What a program is known by.
  struct passport {
    std::string public_key;    ///< its own
    std::string lent_key;      ///< of its workers; may be empty
    std::string endpoint;      ///< where it is reached directly; may be empty
    std::string endpoint_key;  ///< of the server there
  };
  /// Two programs that are to speak without the head: what each is told.
  struct introduction {
    route dialler;
    introduced to_dialler;
    route listener;
    introduced to_listener;
  };
  struct later {};  ///< the receiver is away, or not back yet after a restart of the head
  struct gone {};   ///< the receiver will not be back
  using verdict = std::variant<route, later, gone>;

  /// For `patience` from `started` on, unknown programs are taken for not back yet.
  relay(duration patience, instant started) : patience_(patience), begun_at_(started + patience) {}

  /// This program must be waited for though it is not here: it owns work.
  void expect(program_id who, instant now);
  /// Faults: forbidden, where the program's id came with another key before.
  result<void> joined(program_id who, passport papers, route where);
  /// The connection is over. Nothing where no program, or a newer connection of it, is there.
  void left(connection_id connection, instant now);
  /// The program on this connection said goodbye.
  std::optional<departure> retired(connection_id connection);
  /// Programs whose patience is over.
  std::vector<departure> due(instant now);

  [[nodiscard]] std::optional<program_id> program_on(connection_id connection) const;
  [[nodiscard]] std::optional<route> route_of(program_id who) const;
  /// What to do with a parcel, which makes the two acquainted.
  verdict pass(program_id from, program_id to, instant now);
  /// The one that knows fewer programs dials (an owner of many workers listens), or, after it tried
  /// in vain, the other. Nothing where one is away or cannot be dialled.
  [[nodiscard]] std::optional<introduction> introduce(program_id asks, program_id to,
                                                      bool dialled_in_vain) const;
  [[nodiscard]] std::size_t size() const { return programs_.size(); }

 private:
  struct program {
    passport papers;  // without a key where only expected
    std::optional<route> where;
    instant gone_at = never;  // while away
    std::set<program_id> knows;
  };

  departure remove(std::map<program_id, program>::iterator which);

  duration patience_;
  instant begun_at_;
  std::map<program_id, program> programs_;
  std::unordered_map<connection_id, program_id> on_;
};

}  // namespace fabric::transport

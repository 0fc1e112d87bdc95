#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "fabric/ids.hpp"

namespace fabric::actors {

/// Who of other programs has handles of our actors, and which of our actors' requests are answered
/// elsewhere. A value: it says whom to tell when an actor ends, and what fails with a program.
///
/// Each request is with one program: the one that was asked, or to which that one passed it on.
/// CAF does not say when a request is over its timeout, so one that nobody ever answers stays until
/// its asker or that program ends, or until its asker has `requests_max` newer ones: then the
/// oldest is forgotten. Its asker has its timeout, but would not be told of that program's end.
class ledger {
 public:
  using actor = std::uint64_t;
  static constexpr std::size_t requests_max = 1 << 18;  ///< of one actor; some 64 bytes each

  struct request {
    actor asker = 0;
    std::uint64_t number = 0;

    auto operator<=>(const request&) const = default;
  };

  /// That program has a handle of ours. True for the first that has this actor's.
  bool watched(actor ours, program_id by);
  /// Our actor asks one there.
  void asked(request what, program_id whom);
  /// An answer has come, from wherever.
  void answered(request what);
  /// The program that had it passed it on. Nothing where it is answered, or was passed on by
  /// another.
  void moved(request what, program_id from, program_id to);

  /// Our actor has ended: the programs to tell. Its requests are forgotten.
  std::vector<program_id> ended(actor ours);
  /// That program will not be back: the requests that nobody answers now, in order.
  std::vector<request> gone(program_id who);

  [[nodiscard]] std::size_t open_requests() const;

 private:
  std::unordered_map<actor, std::set<program_id>> watchers_;
  std::unordered_map<actor, std::map<std::uint64_t, program_id>> requests_;  // CAF counts upwards
};

}  // namespace fabric::actors

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fabric/ids.hpp"
#include "fabric/instant.hpp"
#include "fabric/result.hpp"

namespace fabric::actors {

/// Which program holds which name, so that others find what it offers. A value: every call answers
/// whom there is something to say to.
///
/// A name is held until it is released or its program is gone for good. The book is not stored:
/// those who hold names claim them again in each session, and a head that follows another decides
/// on fresh claims only when they had time to.
class name_book {
 public:
  using key = std::pair<std::string, std::string>;  ///< namespace, name
  struct holding {
    program_id holder;
    std::string target;

    bool operator==(const holding&) const = default;
  };
  struct asker {
    session_id session;
    request_id request;

    auto operator<=>(const asker&) const = default;
  };
  /// Faults: key_conflict (another holds the name), not_found, quota.
  struct answer {
    asker who;
    result<holding> what;
  };
  using answers = std::vector<answer>;

  static constexpr std::size_t names_max = 1'000'000;
  static constexpr std::size_t names_per_program_max = 100'000;
  static constexpr std::size_t waiting_max = 100'000;

  /// Fresh claims wait until `decides_from`.
  explicit name_book(instant decides_from) : decides_from_(decides_from) {}

  /// A program that holds the name already gives it another target.
  answers claim(asker who, const key& which, holding what, bool is_again, instant now);
  answers find(asker who, const key& which, instant until, instant now);
  /// Nothing happens where it is another's.
  void release(const key& which, program_id holder);
  /// It will not be back.
  void gone(program_id holder);
  /// Whoever asked in this session does not hear of it any more.
  void forget(session_id session);
  /// What the time decides.
  answers due(instant now);

  [[nodiscard]] const std::map<key, holding>& names() const { return names_; }

 private:
  struct waiting_claim {
    asker who;
    key which;
    holding what;
  };
  struct waiting_find {
    asker who;
    instant until;
  };

  void decide(answers& out, const waiting_claim& one);
  void give(answers& out, const key& which, const holding& what);

  instant decides_from_;
  std::map<key, holding> names_;
  std::map<program_id, std::size_t> held_;  // names of each
  std::vector<waiting_claim> claims_;
  std::map<key, std::vector<waiting_find>> finds_;
  std::size_t finds_count_ = 0;
};

}  // namespace fabric::actors

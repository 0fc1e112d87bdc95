#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "actors/program/program_link.hpp"
#include "fabric/instant.hpp"

namespace fabric::actors {

/// A name, and the space in which it is the only one.
struct program_name {
  std::string name_space;
  std::string name;

  auto operator<=>(const program_name&) const = default;
};

/// The names that a program holds at the head, over all its sessions, and its questions for those
/// of others. Has no clock and no link: `ask` is its way to the head (program_link::ask), and
/// whoever owns it passes on `opened` and `turn`. On the link's thread only.
class program_names {
 public:
  using asking = std::function<void(transport::message, program_link::answer)>;
  /// A name that was held is another's now: the head was restarted while this program was away.
  using losing = std::function<void(const program_name&, const fault&)>;
  using claimed = std::function<void(result<void>)>;
  using found = std::function<void(result<transport::name_found>)>;

  /// How much longer than it was told to a question waits for a head that is away.
  static constexpr duration answer_grace = std::chrono::seconds{2};

  program_names(asking ask, losing lose) : ask_(std::move(ask)), lose_(std::move(lose)) {}

  /// Holds the name from now on, with `target` for whoever finds it; a name that is held already
  /// gets the new target. `done` is called once. Faults: key_conflict (another program holds it),
  /// cancelled (released meanwhile), usage, too_large, quota, and those of the link.
  void claim(const program_name& which, std::string target, claimed done);
  /// Nothing happens where it is not held. `done`, where there is one, is called once: others may
  /// have the name.
  void release(const program_name& which, std::function<void()> done = {});
  /// Who holds it? Waits until then for somebody. Faults: not_found, timed_out (no head answered),
  /// and those of the link.
  void find(const program_name& which, instant until, instant now, found done);

  /// A session is open, the first or a later one: what is held is claimed again.
  void opened();
  /// Gives up what the head did not answer in time. Answers when to call next at the latest.
  instant turn(instant now);

  [[nodiscard]] bool holds(const program_name& which) const;
  /// It is held, or a claim of it is under way.
  [[nodiscard]] bool claims(const program_name& which) const { return held_.contains(which); }

 private:
  struct holding {
    std::string target;
    std::uint64_t number = 0;  // of the claim that it is of
    bool is_held = false;
    bool is_asked = false;  // an answer is to come
  };
  struct question {
    instant until;
    program_name which;
    found done;
  };

  void claim_again(const program_name& which, holding& what);
  void answered(std::uint64_t question, result<transport::message> answer);

  asking ask_;
  losing lose_;
  std::uint64_t last_ = 0;
  std::map<program_name, holding> held_;
  std::map<std::uint64_t, question> questions_;
};

}  // namespace fabric::actors

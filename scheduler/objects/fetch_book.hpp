#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <variant>
#include <vector>

#include "fabric/ids.hpp"
#include "fabric/object_id.hpp"

namespace fabric::objects {

/// How much may be under way to one program, so that neither side nor a head between them has to
/// keep more: an asker asks for no more than it has not got yet.
struct fetch_rules {
  std::uint64_t part_bytes = 512 * 1024;
  std::uint32_t parts_each = 8;   ///< of one object
  std::uint32_t parts_max = 32;   ///< of all objects
  std::uint32_t fetches_max = 8;  ///< at a time; others wait in their order
};

/// To be carried out by the shell, in their order.
namespace fetch_command {

/// Make room for the object; `room_refused` where there is none.
struct begin {
  object_id what;
  std::uint64_t size = 0;

  bool operator==(const begin&) const = default;
};
struct ask {
  program_id from;
  object_id what;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;

  bool operator==(const ask&) const = default;
};
/// All bytes are there.
struct finish {
  object_id what;

  bool operator==(const finish&) const = default;
};
/// None of those who might have it sends it.
struct give_up {
  object_id what;

  bool operator==(const give_up&) const = default;
};

}  // namespace fetch_command

using fetch_command_type = std::variant<fetch_command::begin, fetch_command::ask,
                                        fetch_command::finish, fetch_command::give_up>;

/// Which objects a program fetches from others, in parts, and from whom. A value: it is told what
/// came and says what to ask for.
///
/// Invariants: `under_way` and `again` of a fetch do not overlap; with what came and what lies
/// behind `next` they are the object. No more parts are under way than the rules say.
class fetch_book {
 public:
  using commands = std::vector<fetch_command_type>;

  explicit fetch_book(fetch_rules how = {}) : how_(how) {}

  /// From the first of `sources` that has it, each of which is asked once. Nothing where it is
  /// being fetched already.
  void fetch(const object_id& what, std::uint64_t size, std::vector<program_id> sources,
             commands& out);
  /// Whether the part is wanted: the shell writes it, and tells that it `came`. Others are told
  /// at once.
  [[nodiscard]] bool is_wanted(program_id from, const object_id& what, std::uint64_t offset,
                               std::uint64_t bytes) const;
  /// True where the part was wanted.
  bool came(program_id from, const object_id& what, std::uint64_t offset, std::uint64_t bytes,
            commands& out);
  /// The program does not have it, or cannot send it.
  void refused(program_id from, const object_id& what, commands& out);
  /// There is no room for it here.
  void room_refused(const object_id& what, commands& out);
  /// The program will not be back.
  void gone(program_id who, commands& out);
  /// Nobody is reached any more.
  void give_up_all(commands& out);

  [[nodiscard]] bool is_fetching(const object_id& what) const;
  [[nodiscard]] std::size_t size() const { return active_.size() + waiting_.size(); }
  [[nodiscard]] std::uint32_t parts_under_way() const { return under_way_; }

 private:
  struct fetch_state {
    std::uint64_t size = 0;
    std::deque<program_id> sources;                    // the first is asked
    std::uint64_t next = 0;                            // everything before was asked for once
    std::uint64_t got = 0;                             // bytes
    std::map<std::uint64_t, std::uint64_t> under_way;  // offset, bytes
    std::map<std::uint64_t, std::uint64_t> again;      // asked of somebody who did not send them
  };
  using place = std::map<object_id, fetch_state>::iterator;

  void fill(commands& out);
  bool ask_one(const object_id& what, fetch_state& f, commands& out);
  void next_source(place which, commands& out);
  void end(place which);

  fetch_rules how_;
  std::map<object_id, fetch_state> active_;
  std::deque<std::pair<object_id, fetch_state>> waiting_;
  std::uint32_t under_way_ = 0;
};

}  // namespace fabric::objects

#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "fabric/ids.hpp"
#include "fabric/reader.hpp"
#include "fabric/writer.hpp"

/// What actor_mail holds: MessagePack values, one letter after the other.
namespace fabric::actors::letter {

/// An actor, by its program and its number there. Number 0: none.
struct actor_ref {
  program_id where;
  std::uint64_t id = 0;

  bool operator==(const actor_ref&) const = default;
};

/// A message for an actor of the receiving program.
struct delivery {
  std::uint64_t to = 0;
  std::uint64_t number = 0;  ///< CAF's message id
  actor_ref sender;
  std::vector<actor_ref> stages;  ///< that the answer passes through
  std::string_view types;
  std::string_view values;

  bool operator==(const delivery&) const = default;
};
/// The writer has a handle of this actor: tell when it ends.
struct watch {
  std::uint64_t actor = 0;
  bool operator==(const watch&) const = default;
};
/// The writer's actor has ended.
struct ended {
  std::uint64_t actor = 0;
  std::string_view reason;
  bool operator==(const ended&) const = default;
};
/// The writer's actor is linked to the receiver's, or not any more.
struct link {
  std::uint64_t own = 0;
  std::uint64_t yours = 0;
  bool is_linked = true;
  bool operator==(const link&) const = default;
};
/// The writer passed a request of the receiver's actor on to a third program.
struct moved {
  std::uint64_t asker = 0;
  std::uint64_t number = 0;
  program_id to;
  bool operator==(const moved&) const = default;
};
/// Nothing: it shows that the receiver is still there.
struct greeting {
  bool operator==(const greeting&) const = default;
};

using any = std::variant<greeting, delivery, watch, ended, link, moved>;

void write(writer& out, const any& what);
/// The next letter; views are into the reader's bytes. Nonsense where the reader is not `ok` then.
any read(reader& in);

}  // namespace fabric::actors::letter

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fabric/detail_state.hpp"

namespace fabric::detail {

/// A call's arguments on their way to another process.
struct packed_call {
  std::string arguments;
  std::vector<carried_hold> objects;  ///< that they refer to, and large ones among them
  /// A large one for which there is no room, say, or one whose own packing throws.
  std::unique_ptr<failure> why_not;
};

/// As the program `self`, where that takes no time to speak of. Nothing where an argument is to
/// become an object: its bytes are copied, and room for them may have to be made by writing others
/// to disk.
std::optional<packed_call> pack_at_once(const state_base& call, std::uint64_t self);
/// For this process: nothing becomes an object.
packed_call pack_to_stay(const state_base& call);
/// However long that takes.
packed_call pack_whole(const state_base& call, std::uint64_t self);

}  // namespace fabric::detail

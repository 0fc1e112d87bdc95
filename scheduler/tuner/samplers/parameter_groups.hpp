#pragma once

#include <optional>
#include <vector>

#include "scheduler/tuner/space_tree.hpp"

namespace fabric::tuner {

/// Parameters that a point has all or none of, because they have the same condition.
struct parameter_group {
  std::vector<std::size_t> members;  ///< ascending
  /// The parameters that it hangs on and all that go with them: a point with these members has
  /// those, too.
  std::vector<std::size_t> above{};

  /// Precondition: `p` has what is above.
  [[nodiscard]] bool is_active(const space_tree& tree, const point& p) const {
    return tree.is_active(p, members.front());
  }
};

/// Every parameter is in one group; a group comes after those that it hangs on.
std::vector<parameter_group> groups_of(const space_tree& tree);

}  // namespace fabric::tuner

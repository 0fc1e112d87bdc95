#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fabric::tuner {

/// One coordinate of a point: for discrete parameters the grid index (0 based), for continuous
/// ones the bit pattern of the double with -0.0 made 0.0.
using coordinate = std::uint64_t;
using point = std::vector<coordinate>;  ///< one coordinate a parameter, in the space's order

/// In place of a coordinate: the point's other values leave this parameter out. Nothing that may be
/// a parent has it: as an index it is beyond the largest, as a double it is no number.
inline constexpr coordinate inactive = ~coordinate{0};

/// Which parameters a point has, and its number among all points.
///
/// Parameters form a forest: one hangs on an earlier one, its parent, and is active where that is
/// active and has certain values. So the points of a subtree can be counted by themselves, and
/// those of a whole space are the product of what hangs on the roots. Points are numbered in the
/// order of their coordinates, the last parameter turning fastest; neither way needs a table.
class space_tree {
 public:
  struct interval {
    coordinate first = 0;
    coordinate last = 0;
    bool operator==(const interval&) const = default;
  };
  struct node {
    std::uint64_t count = 0;              ///< of values; 0: more than 2^64 - 1
    std::optional<std::size_t> parent{};  ///< an earlier one that has a count
    std::vector<interval> when{};         ///< of the parent's coordinates; ascending and apart
    bool operator==(const node&) const = default;
  };

  space_tree() = default;
  explicit space_tree(std::vector<node> nodes);

  [[nodiscard]] const std::vector<node>& nodes() const { return nodes_; }
  [[nodiscard]] bool has_conditions() const { return has_conditions_; }
  /// Whether a point that begins with `p` has the parameter. Precondition: `p` has its parent.
  [[nodiscard]] bool is_active(std::span<const coordinate> p, std::size_t parameter) const;

  /// The number of points; nothing where a parameter has no count or there are more than 2^64 - 1.
  [[nodiscard]] std::optional<std::uint64_t> size() const { return size_; }
  /// Preconditions: there is a size; rank < *size().
  [[nodiscard]] point at(std::uint64_t rank) const;
  /// Precondition: `p` is a point, with `inactive` where it has no parameter.
  [[nodiscard]] std::uint64_t rank_of(const point& p) const;

  bool operator==(const space_tree& other) const { return nodes_ == other.nodes_; }

 private:
  /// Values in a row, each of which has as many points below it as the others.
  struct run {
    coordinate first = 0;
    std::uint64_t before = 0;  ///< points of all values below `first`
    std::uint64_t each = 1;    ///< points of one value
  };
  struct subtree {
    std::uint64_t points = 0;
    std::vector<run> runs;
  };

  bool count_subtree(std::size_t parameter, std::span<const std::size_t> children);

  std::vector<node> nodes_;
  bool has_conditions_ = false;
  std::vector<subtree> subtrees_;  ///< empty where there is no size
  std::optional<std::uint64_t> size_;
};

}  // namespace fabric::tuner

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/object.hpp"

namespace fabric::detail {

/// What a reference says of its object wherever it travels.
struct object_address {
  object_id id;
  std::uint64_t size = 0;
  object_layout layout;
  object_id store;           ///< that holds it
  object_id stored_as;       ///< its id there
  std::uint64_t source = 0;  ///< the program that has it there; 0 where it has no name
  bool is_outer = false;     ///< its value refers to objects, the inner ones

  bool operator==(const object_address&) const = default;
};
std::string packed_address(const object_address& where);
/// Later versions may say more. Nothing where it is no address.
std::optional<object_address> unpacked_address(std::string_view bytes);
/// Of all references in packed values, in their order.
std::vector<object_address> addresses_in(std::string_view packed);

}  // namespace fabric::detail

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/objects/store_options.hpp"
#include "fabric/result.hpp"

namespace fabric::objects {

/// The variable by which programs and daemons are told where objects are kept.
inline constexpr const char* settings_variable = "FABRIC_OBJECTS";

/// What is said of a store; the rest is default.
struct store_settings {
  std::string name{};
  std::optional<std::uint64_t> memory{};
  std::string disk{};
  std::optional<std::uint64_t> disk_bytes{};
};

/// Of "name=a,memory=4GiB,disk=/scratch,disk_bytes=100GiB", in any order. Faults: usage, naming
/// what makes no sense.
result<store_settings> read_settings(std::string_view text);
/// Of the environment.
result<store_settings> settings_of_environment();

store_options options_of(const store_settings& said);

}  // namespace fabric::objects

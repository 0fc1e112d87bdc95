#include "actors/caf_bridge/node_naming.hpp"

#include <algorithm>
#include <array>
#include <caf/actor_system.hpp>

namespace fabric::actors {

namespace {

using host_id = caf::node_id::default_data::host_id_type;

constexpr std::uint32_t process_mark = 0xFAB;
constexpr std::array<std::uint8_t, 12> host_mark{'f', 'a', 'b', 'r', 'i', 'c',
                                                 ' ', 'n', 'o', 'd', 'e', '1'};

}  // namespace

caf::node_id node_of(program_id who) {
  host_id host{};
  for (unsigned i = 0; i < 8; ++i) host[i] = static_cast<std::uint8_t>(who.value >> (8 * i));
  std::ranges::copy(host_mark, host.begin() + 8);
  return caf::make_node_id(process_mark, host);
}

std::optional<program_id> program_of(std::uint32_t process, const host_id& host) {
  if (process != process_mark || !std::equal(host_mark.begin(), host_mark.end(), host.begin() + 8))
    return std::nullopt;
  program_id who;
  for (unsigned i = 0; i < 8; ++i) who.value |= std::uint64_t{host[i]} << (8 * i);
  return who;
}

std::optional<program_id> program_of(const caf::node_id& node) {
  using data = caf::node_id::default_data;
  if (!node || node->implementation_id() != data::class_id) return std::nullopt;
  const auto& known = static_cast<const data&>(*node);
  return program_of(known.process_id(), known.host_id());
}

/// Only caf::io may set it otherwise. The system itself is no constant, so this is well defined.
void name_system(caf::actor_system& system, program_id who) {
  if (!system.node()) const_cast<caf::node_id&>(system.node()) = node_of(who);
}

}  // namespace fabric::actors

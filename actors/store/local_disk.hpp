#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::store {

/// The name of a network filesystem ("NFS", "SMB", ...) by its statfs(2) magic; nothing for others.
std::optional<std::string_view> network_filesystem(std::uint32_t magic);

/// Faults: config where the folder of `path` lies on a network filesystem. Their locks do not keep
/// two machines apart, and WAL needs shared memory that they do not have.
result<void> check_local_disk(const std::string& path);

}  // namespace fabric::store

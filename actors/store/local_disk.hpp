#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::store {

/// The name of a network filesystem ("NFS", "SMB", ...) by its statfs(2) magic; nothing for others.
std::optional<std::string_view> network_filesystem(std::uint32_t magic);

/// Faults: not_found where there is no such folder, config where it lies on a network filesystem.
/// Their locks do not keep two machines apart, and WAL needs shared memory that they do not have.
result<void> check_local_disk(const std::string& path);

/// Fault store_full where the disk that `path` is to lie on has not that many bytes left.
result<void> check_room(const std::string& path, std::uint64_t bytes);

}  // namespace fabric::store

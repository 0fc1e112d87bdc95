#include "actors/store/local_disk.hpp"

#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace fabric::store {

std::optional<std::string_view> network_filesystem(std::uint32_t magic) {
  static constexpr std::array<std::pair<std::uint32_t, std::string_view>, 13> known = {{
      {0x00006969, "NFS"},
      {0x0000517B, "SMB"},
      {0xFF534D42, "CIFS"},
      {0xFE534D42, "SMB2"},
      {0x5346414F, "AFS"},
      {0x73757245, "Coda"},
      {0x0000564C, "NCP"},
      {0x01021997, "9P"},
      {0x00C36400, "Ceph"},
      {0x01161970, "GFS2"},
      {0x7461636F, "OCFS2"},
      {0x0BD00BD0, "Lustre"},
      {0x19830326, "BeeGFS"},
  }};
  for (const auto& [number, name] : known) {
    if (number == magic) return name;
  }
  return std::nullopt;
}

result<void> check_room(const std::string& path, std::uint64_t bytes) {
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  struct statvfs about {};
  if (::statvfs(folder.c_str(), &about) != 0) return {};
  if (std::uint64_t{about.f_bavail} * about.f_frsize >= bytes) return {};
  return fault{fault_code::store_full, "store " + path + ": the disk is full",
               "free some space on its disk"};
}

result<void> check_local_disk(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  struct statfs about {};
  if (::statfs(folder.c_str(), &about) != 0) {
    const bool is_absent = errno == ENOENT || errno == ENOTDIR;
    return fault{is_absent ? fault_code::not_found : fault_code::store_failed,
                 "store " + path + ": folder " + folder.string() + ": " + std::strerror(errno),
                 "make the folder, or name another"};
  }
  const auto kind = network_filesystem(static_cast<std::uint32_t>(about.f_type));
  if (!kind) return {};
  return fault{fault_code::config,
               "store " + path + " lies on a network filesystem (" + std::string(*kind) + ")",
               "put it on a disk of this machine; its locks do not hold there"};
}

}  // namespace fabric::store

#include "actors/daemon/scratch_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace fabric::daemon {

result<scratch_folder> scratch_folder::make() {
  const char* named = std::getenv("TMPDIR");
  std::string path =
      std::string{named != nullptr && *named == '/' ? named : "/tmp"} + "/fabric-XXXXXX";
  if (mkdtemp(path.data()) == nullptr)
    return fault{errno == ENOSPC ? fault_code::store_full : fault_code::store_failed,
                 "cannot make a folder " + path + ": " + std::strerror(errno),
                 "name another place with $TMPDIR"};
  return scratch_folder{std::move(path)};
}

scratch_folder::scratch_folder(scratch_folder&& other) noexcept
    : path_(std::exchange(other.path_, "")) {}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace fabric::daemon

#include "actors/objects/files.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace fabric::objects {

namespace {

/// The kernel moves a bit less than 2 GiB at a time.
constexpr std::size_t bytes_at_once = std::size_t{1} << 30;

/// Beyond it the kernel sends a signal instead of an error.
std::uint64_t largest_file() {
  rlimit limit{};
  const bool is_known = ::getrlimit(RLIMIT_FSIZE, &limit) == 0;
  return is_known && limit.rlim_cur != RLIM_INFINITY ? limit.rlim_cur : UINT64_MAX;
}

bool is_lack_of_space(int error) { return error == ENOSPC || error == EDQUOT || error == EFBIG; }

}  // namespace

fault file_fault(const std::string& what) {
  const int error = errno;
  const bool is_full = is_lack_of_space(error);
  return {is_full ? fault_code::store_full : fault_code::store_failed,
          "cannot " + what + ": " + std::strerror(error),
          is_full ? "make room in the file system, or lower the limits of the object store"
                  : "check the permissions and the state of the file system"};
}

result<mapping> mapping::of(const unique_fd& file, std::uint64_t size, access how) {
  if (size == 0) return mapping{};
  const int rights = how == access::write ? PROT_READ | PROT_WRITE : PROT_READ;
  void* const at = ::mmap(nullptr, size, rights, MAP_SHARED, file.get(), 0);
  if (at == MAP_FAILED) return file_fault("map " + std::to_string(size) + " bytes of an object");
  return mapping{static_cast<std::byte*>(at), size};
}

mapping::~mapping() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

mapping::mapping(mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

mapping& mapping::operator=(mapping&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

std::string file_name_of(std::uint64_t serial) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(serial));
  return text.data();
}

result<unique_fd> make_file(const unique_fd& folder, std::uint64_t serial, std::uint64_t size) {
  if (size > largest_file())
    return fault{fault_code::too_large,
                 "files of this process may have " + std::to_string(largest_file()) + " bytes",
                 "raise the limit: ulimit -f unlimited"};
  const auto name = file_name_of(serial);
  // One of that name is of a process that died before it told anybody.
  ::unlinkat(folder.get(), name.c_str(), 0);
  unique_fd file(::openat(folder.get(), name.c_str(),
                          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return file_fault("make the file of an object");
  if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    const auto why = file_fault("make a file of " + std::to_string(size) + " bytes");
    ::unlinkat(folder.get(), name.c_str(), 0);
    return why;
  }
  return file;
}

result<unique_fd> open_file(const unique_fd& folder, std::uint64_t serial) {
  const auto name = file_name_of(serial);
  unique_fd file(::openat(folder.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return file_fault("open the file of an object");
  return file;
}

void remove_file(const unique_fd& folder, std::uint64_t serial) {
  ::unlinkat(folder.get(), file_name_of(serial).c_str(), 0);
}

result<void> reserve(const unique_fd& file, std::uint64_t size) {
  if (size == 0) return {};
  int outcome = 0;
  do {
    outcome = ::fallocate(file.get(), 0, 0, static_cast<off_t>(size));
  } while (outcome != 0 && errno == EINTR);
  if (outcome != 0 && errno == EOPNOTSUPP) {
    // Some file systems know no reservation; glibc writes a byte to each block instead.
    errno = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size));
    outcome = errno;
  }
  if (outcome != 0) return file_fault("reserve " + std::to_string(size) + " bytes");
  return {};
}

result<void> reserve_what_is_missing(const unique_fd& file, std::uint64_t size) {
  struct stat about {};
  constexpr std::uint64_t block = 512;
  const bool is_whole = ::fstat(file.get(), &about) == 0 &&
                        static_cast<std::uint64_t>(about.st_blocks) * block >= size;
  return is_whole ? result<void>{} : reserve(file, size);
}

result<void> write_bytes(const unique_fd& file, std::uint64_t offset,
                         std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto some = std::min(bytes.size(), bytes_at_once);
    const auto done = ::pwrite(file.get(), bytes.data(), some, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done == 0) errno = ENOSPC;
    if (done <= 0) return file_fault("write " + std::to_string(bytes.size()) + " bytes");
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
  return {};
}

result<void> copy_bytes(const unique_fd& from, const unique_fd& to, std::uint64_t size) {
  off_t at = 0;
  while (static_cast<std::uint64_t>(at) < size) {
    const auto some = std::min<std::uint64_t>(size - static_cast<std::uint64_t>(at), bytes_at_once);
    const auto done = ::sendfile(to.get(), from.get(), &at, some);
    if (done < 0 && errno == EINTR) continue;
    if (done == 0) errno = EIO;
    if (done <= 0) return file_fault("copy " + std::to_string(size) + " bytes");
  }
  return {};
}

void make_read_only(const unique_fd& file) { ::fchmod(file.get(), 0400); }

disk_space space_of(const unique_fd& folder) {
  struct statvfs about {};
  if (::fstatvfs(folder.get(), &about) != 0) return {};
  // A file system in memory that was mounted without a limit says that it has no blocks.
  constexpr std::uint64_t unlimited = UINT64_MAX / 4;
  if (about.f_blocks == 0) return {unlimited, unlimited};
  return {std::uint64_t{about.f_bavail} * about.f_frsize,
          std::uint64_t{about.f_blocks} * about.f_frsize};
}

}  // namespace fabric::objects

#include "actors/spawner/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace fabric::spawner {

namespace {

constexpr std::string_view notice =
    "\n[fabric: the output from here on is not kept: this file system cannot drop the beginning of "
    "a file]\n";

constexpr int file_mode = 0600;

}  // namespace

int punch_hole(int fd, off_t end) {
  return ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, end);
}

log_file::log_file(std::string path, std::uint64_t bytes_max, hole_puncher punch)
    : path_(std::move(path)), bytes_max_(bytes_max), punch_(punch) {}

void log_file::append(std::string_view bytes) {
  if (path_.empty() || bytes_max_ == 0 || bytes.empty()) return;
  if (stopped_) {
    lost_ += bytes.size();
    return;
  }
  if (!file_ && !open()) {
    last_error_ = errno;
    lost_ += bytes.size();
    size_ += bytes.size();
    return;
  }
  write_at_end(bytes);
  drop_beginning(std::max<std::uint64_t>(bytes_max_ / 16, 4 * block_));
}

void log_file::close() {
  if (file_) drop_beginning(0);
  file_.reset();
}

bool log_file::open() {
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  file_ = unique_fd(::open(path_.c_str(), flags, file_mode));
  if (!file_ && errno == ENOENT) {
    std::error_code failed;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), failed);
    file_ = unique_fd(::open(path_.c_str(), flags, file_mode));
  }
  if (!file_) return false;
  struct stat about {};
  if (::fstat(file_.get(), &about) == 0 && about.st_blksize > 0)
    block_ = static_cast<std::uint64_t>(about.st_blksize);
  return true;
}

void log_file::write_at_end(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      last_error_ = n < 0 ? errno : EIO;
      lost_ += bytes.size();
      size_ += bytes.size();
      return;
    }
    size_ += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void log_file::drop_beginning(std::uint64_t slack) {
  if (stopped_ || size_ - hole_end_ <= bytes_max_ + slack) return;
  // Whole blocks only: half a block would be zeroed, which a reader could not tell from output.
  const std::uint64_t end = (size_ - bytes_max_) / block_ * block_;
  if (end <= hole_end_) return;
  if (punch_(file_.get(), static_cast<off_t>(end)) == 0)
    hole_end_ = end;
  else
    stop_with_notice();
}

void log_file::stop_with_notice() {
  stopped_ = true;
  write_at_end(notice);
}

result<std::uint64_t> first_kept(const std::string& path) {
  const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file)
    return fault{fault_code::not_found, "cannot read " + path + ": " + std::strerror(errno), ""};
  const off_t data = ::lseek(file.get(), 0, SEEK_DATA);
  if (data >= 0) return static_cast<std::uint64_t>(data);
  // ENXIO: no data at all. Another error: a file system without holes, where every byte is data.
  if (errno != ENXIO) return std::uint64_t{0};
  return static_cast<std::uint64_t>(std::max<off_t>(::lseek(file.get(), 0, SEEK_END), 0));
}

}  // namespace fabric::spawner

#include "actors/store/blob_shelf.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

#include "transport/digest.hpp"
#include "transport/keys.hpp"

namespace fabric::store {

namespace {

namespace fs = std::filesystem;

fault disk_fault(const std::string& what) {
  const int why = errno;
  return {why == ENOSPC || why == EDQUOT ? fault_code::store_full : fault_code::store_failed,
          what + ": " + std::strerror(why), "look after the disk of the head"};
}

struct open_file {
  explicit open_file(int descriptor) : fd(descriptor) {}
  ~open_file() {
    if (fd >= 0) ::close(fd);
  }
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  int fd;
};

std::uint64_t size_of(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

result<void> append(const std::string& path, std::uint64_t offset, std::string_view data) {
  const open_file file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (file.fd < 0) return disk_fault("cannot write " + path);
  while (!data.empty()) {
    const auto done = ::pwrite(file.fd, data.data(), data.size(), static_cast<off_t>(offset));
    if (done < 0) return disk_fault("cannot write " + path);
    offset += static_cast<std::uint64_t>(done);
    data.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

}  // namespace

std::string blob_shelf::path_of(std::string_view hash) const {
  return folder_ + "/" + transport::to_hex(hash);
}

result<blob_shelf::progress> blob_shelf::write(std::string_view hash, std::uint64_t total,
                                               std::uint64_t offset, std::string_view data) {
  if (hash.size() != transport::digest_bytes || total == 0 || data.size() > piece_bytes_max)
    return fault{fault_code::bad_message, "a piece of a file makes no sense", ""};
  if (total > blob_bytes_max)
    return fault{fault_code::too_large,
                 "a program of " + std::to_string(total) + " bytes; " +
                     std::to_string(blob_bytes_max) + " is the limit",
                 "strip it, or have the nodes serve it with --worker"};
  const std::string whole = path_of(hash);
  std::error_code ignored;
  if (fs::exists(whole, ignored)) return progress{total, true};
  fs::create_directories(folder_, ignored);
  fs::permissions(folder_, fs::perms::owner_all, ignored);
  const std::string part = whole + ".part";
  const std::uint64_t here = size_of(part);
  if (data.empty() || offset != here) return progress{here, false};
  if (here + data.size() > total)
    return fault{fault_code::bad_message, "a file is longer than it was said to be", ""};
  if (offset == 0)
    if (auto room = make_room(total); !room) return room.error();
  if (auto done = append(part, offset, data); !done) {
    ::unlink(part.c_str());
    return done.error();
  }
  if (here + data.size() < total) return progress{here + data.size(), false};
  return complete(part, hash, total);
}

result<blob_shelf::progress> blob_shelf::complete(const std::string& part, std::string_view hash,
                                                  std::uint64_t total) {
  auto sum = transport::digest_of_file(part);
  if (!sum || *sum != hash) {
    ::unlink(part.c_str());
    if (!sum) return sum.error();
    return fault{fault_code::bad_message, "the file that came has another hash than was said",
                 "was it changed while it was sent? send it again"};
  }
  if (::rename(part.c_str(), path_of(hash).c_str()) != 0) return disk_fault("cannot name " + part);
  return progress{total, true};
}

result<void> blob_shelf::make_room(std::uint64_t bytes) {
  struct entry {
    fs::file_time_type used;
    std::uint64_t size;
    fs::path path;
  };
  std::vector<entry> all;
  std::uint64_t sum = 0;
  std::error_code problem;
  for (const auto& file : fs::directory_iterator(folder_, problem)) {
    all.push_back({file.last_write_time(problem), file.file_size(problem), file.path()});
    sum += all.back().size;
  }
  std::ranges::sort(all, {}, &entry::used);
  for (const auto& oldest : all) {
    if (sum + bytes <= shelf_bytes_max) break;
    fs::remove(oldest.path, problem);
    sum -= oldest.size;
  }
  return {};
}

result<blob_shelf::piece> blob_shelf::read(std::string_view hash, std::uint64_t offset,
                                           std::uint32_t bytes_max) {
  const std::string path = path_of(hash);
  const open_file file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.fd < 0 && errno == ENOENT)
    return fault{fault_code::not_found, "no program with the hash " + transport::to_hex(hash),
                 "its owner sends it again when it asks for workers anew"};
  if (file.fd < 0) return disk_fault("cannot read " + path);
  if (offset == 0) ::futimens(file.fd, nullptr);  // used now
  piece out{size_of(path), std::string(std::min(bytes_max, piece_bytes_max), '\0')};
  const auto got = ::pread(file.fd, out.data.data(), out.data.size(), static_cast<off_t>(offset));
  if (got < 0) return disk_fault("cannot read " + path);
  out.data.resize(static_cast<std::size_t>(got));
  return out;
}

}  // namespace fabric::store

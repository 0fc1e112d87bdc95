#include "bench/harness/plain_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstring>

#include "bench/harness/bench_case.hpp"

namespace fabric::bench {

plain_file::plain_file(const std::string& path, std::size_t size) : path_(path), size_(size) {
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  require(file_ >= 0 && ::ftruncate(file_, static_cast<off_t>(size)) == 0, "no shared memory");
}

plain_file::~plain_file() {
  if (at_ != nullptr) ::munmap(at_, size_);
  ::close(file_);
  ::unlink(path_.c_str());
}

void plain_file::copy_in(const std::byte* from) {
  at_ = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  require(at_ != MAP_FAILED, "mmap failed");
  std::memcpy(at_, from, size_);
}

void plain_file::write_in(const std::byte* from) const {
  for (std::size_t done = 0; done < size_;) {
    const auto n = ::pwrite(file_, from + done, size_ - done, static_cast<off_t>(done));
    require(n > 0, "pwrite failed");
    done += static_cast<std::size_t>(n);
  }
}

void map_plainly(const std::string& path, std::size_t size) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  require(at != MAP_FAILED && *static_cast<const char*>(at) == 0, "mmap failed");
  ::close(file);
  ::munmap(at, size);
}

std::uint64_t free_shared_memory() {
  struct statvfs about {};
  require(::statvfs(shared_memory, &about) == 0, "there is no /dev/shm");
  return std::uint64_t{about.f_bavail} * about.f_frsize;
}

}  // namespace fabric::bench

#include "actors/store/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <utility>

namespace fabric::store {

namespace {

std::string first_bytes(int descriptor) {
  std::array<char, 128> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
}

/// The name of the program of a pid, as the kernel knows it; nothing where there is no such
/// process.
std::optional<std::string> program_of(long pid) {
  std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  if (!std::getline(comm, name)) return std::nullopt;
  return name;
}

fault held_by_another(const std::string& path, int descriptor) {
  const std::string text = first_bytes(descriptor);
  long pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  std::string holder = "another process";
  std::string hint = "end the process that holds it: fuser -v " + path;
  if (pid > 0) {
    if (auto program = program_of(pid)) {
      holder = "pid " + std::to_string(pid) + " (" + *program + ")";
      hint = "end that process, or name another store";
    } else {
      // The holder may live in another container, where the same number means another process.
      holder += " (it wrote pid " + std::to_string(pid) + ", which is not one of this machine's)";
    }
  }
  return {fault_code::store_locked, path + " is held by " + holder, std::move(hint)};
}

fault failed(const std::string& path, const char* what) {
  return {fault_code::store_failed,
          "cannot " + std::string(what) + " " + path + ": " + std::strerror(errno),
          "check the permissions of the folder and its free space"};
}

/// The signature only helps people: the lock holds without it, as on a full disk.
void sign(int descriptor) {
  const long pid = ::getpid();
  const std::string text = std::to_string(pid) + " " + program_of(pid).value_or("unknown") + "\n";
  const ssize_t written = ::pwrite(descriptor, text.data(), text.size(), 0);
  if (written > 0 && ::ftruncate(descriptor, written) != 0) return;
}

}  // namespace

result<file_lock> file_lock::take(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return failed(path, "open");
  file_lock lock(descriptor);
  int answer = 0;
  do {
    answer = ::flock(descriptor, LOCK_EX | LOCK_NB);
  } while (answer != 0 && errno == EINTR);
  if (answer != 0 && errno == EWOULDBLOCK) return held_by_another(path, descriptor);
  if (answer != 0) return failed(path, "lock");
  sign(descriptor);
  return lock;
}

file_lock::~file_lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

file_lock::file_lock(file_lock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

file_lock& file_lock::operator=(file_lock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace fabric::store

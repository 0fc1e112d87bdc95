#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "actors/objects/host_store.hpp"
#include "tests/objects/page.hpp"

namespace fabric::objects {

/// Fails the test with the fault where there is one.
#define ASSERT_OK(expression)                                               \
  do {                                                                      \
    const auto& outcome_ = (expression);                                    \
    ASSERT_TRUE(outcome_.has_value()) << fabric::to_line(outcome_.error()); \
  } while (false)

#define EXPECT_FAULT(code_, expression)                                         \
  do {                                                                          \
    const auto& outcome_ = (expression);                                        \
    if (outcome_.has_value()) {                                                 \
      ADD_FAILURE() << "no fault from " #expression;                            \
    } else {                                                                    \
      EXPECT_EQ(fabric::name_of(outcome_.error().code), fabric::name_of(code_)) \
          << fabric::to_line(outcome_.error());                                 \
    }                                                                           \
  } while (false)

/// A folder of its own, removed with everything in it.
class scratch {
 public:
  explicit scratch(const std::string& below) {
    std::string name = below + "/fabric-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A forked process that runs `act` and ends, well if `act` answers true. It can tell its parent
/// one thing (`say`) and wait to be told one (`hear`).
class child {
 public:
  explicit child(const std::function<bool(child&)>& act) {
    if (::pipe(up_.data()) != 0 || ::pipe(down_.data()) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      // Should the parent die, nobody would ever speak to us.
      ::alarm(120);
      ::_exit(act(*this) ? 0 : 1);
    }
  }
  ~child() {
    if (pid_ > 0) kill();
    for (const int end : {up_[0], up_[1], down_[0], down_[1]}) ::close(end);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  // In the child.
  void say() const { put(up_[1]); }
  void hear() const { get(down_[0]); }
  // In the parent.
  void await_word() const { get(up_[0]); }
  void tell() const { put(down_[1]); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The status of waitpid(2).
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }
  bool ends_well() { return wait() == 0; }
  /// False where it had ended by itself, which children that are to be killed do on a failure.
  bool kill() {
    ::kill(pid_, SIGKILL);
    return WIFSIGNALED(wait());
  }

 private:
  static void put(int end) {
    if (::write(end, "x", 1) != 1) std::abort();
  }
  static void get(int end) {
    char word = 0;
    while (::read(end, &word, 1) < 0 && errno == EINTR) {
    }
  }
  std::array<int, 2> up_{};
  std::array<int, 2> down_{};
  pid_t pid_ = -1;
};

struct Store : testing::Test {
  scratch memory{"/dev/shm"};
  scratch disk{std::filesystem::temp_directory_path().string()};

  store_options options() const {
    store_options how;
    how.memory_root = memory.path();
    how.disk_root = disk.path();
    how.memory_max = 64 * page;
    how.disk_max = 64 * page;
    how.tables = {.objects = 64, .holds = 128, .parties = 16, .buckets = 64};
    return how;
  }
  host_store open() { return open(options()); }
  static host_store open(const store_options& how) {
    auto made = host_store::open(how);
    if (!made) {
      ADD_FAILURE() << to_line(made.error());
      std::abort();
    }
    return std::move(*made);
  }
  std::string folder() const {
    return memory.path() + "/fabric-objects-" + std::to_string(::geteuid()) + "-default";
  }
  static std::size_t files_below(const std::string& path) {
    std::size_t count = 0;
    for (const auto& one : std::filesystem::recursive_directory_iterator(path))
      if (one.is_regular_file() && one.path().filename() != "index") ++count;
    return count;
  }
  std::size_t files() const { return files_below(memory.path()) + files_below(disk.path()); }
};

inline object_id numbered(std::uint64_t number) { return {7, number}; }

/// Bytes that tell their object and their place.
inline std::vector<std::byte> bytes_of(std::uint64_t number, std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(number * 31 + i / 7);
  return bytes;
}

inline bool holds(const view& what, std::uint64_t number) {
  const auto should = bytes_of(number, what.size());
  return std::equal(should.begin(), should.end(), what.bytes().begin());
}

}  // namespace fabric::objects

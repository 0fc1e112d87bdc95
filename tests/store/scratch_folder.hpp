#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace fabric::store {

/// A folder of its own for each test, removed with everything in it.
class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "fabric-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const {
    return (path_ / name).string();
  }

 private:
  std::filesystem::path path_;
};

inline std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Fails the test with the fault where there is one.
#define ASSERT_OK(expression)                                               \
  do {                                                                      \
    const auto& outcome_ = (expression);                                    \
    ASSERT_TRUE(outcome_.has_value()) << fabric::to_line(outcome_.error()); \
  } while (false)

#define EXPECT_FAULT(code_, expression)                                         \
  do {                                                                          \
    const auto outcome_ = (expression);                                         \
    if (outcome_.has_value()) {                                                 \
      ADD_FAILURE() << "no fault from " #expression;                            \
    } else {                                                                    \
      EXPECT_EQ(fabric::name_of(outcome_.error().code), fabric::name_of(code_)) \
          << fabric::to_line(outcome_.error());                                 \
    }                                                                           \
  } while (false)

}  // namespace fabric::store

#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "fabric/study.hpp"

namespace fabric {

/// A study of x = 0 ... 9, of which nothing is said twice.
inline study_options ten_points() {
  return {.parameters = {integer("x", 0, 9)}, .sampler = "grid", .seed = 1};
}

template <class Fn>
std::string refusal(Fn fn) {
  try {
    fn();
  } catch (const std::exception& e) {
    return e.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

/// A database that goes with the object.
class database {
 public:
  database() {
    std::string path = testing::TempDir() + "fabric-study-XXXXXX";
    folder_ = mkdtemp(path.data());
  }
  ~database() { std::filesystem::remove_all(folder_); }
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  [[nodiscard]] std::string url() const { return "sqlite:///" + folder_ + "/s.db"; }

 private:
  std::string folder_;
};

}  // namespace fabric

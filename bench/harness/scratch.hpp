#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "bench/harness/bench_case.hpp"

namespace fabric::bench {

/// An empty folder that goes with the object.
class scratch {
 public:
  explicit scratch(const settings& how) : path_(how.folder + "/fabric-bench-XXXXXX") {
    require(mkdtemp(path_.data()) != nullptr, "cannot make a folder in " + how.folder);
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

}  // namespace fabric::bench

#pragma once

#include <string>

#include "fabric/result.hpp"

namespace fabric::daemon {

/// A folder that is there as long as the object: 0700, under $TMPDIR or /tmp.
class scratch_folder {
 public:
  /// Faults: store_failed, store_full.
  static result<scratch_folder> make();
  ~scratch_folder();
  scratch_folder(scratch_folder&& other) noexcept;
  scratch_folder& operator=(scratch_folder&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit scratch_folder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace fabric::daemon

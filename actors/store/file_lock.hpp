#pragma once

#include <string>

#include "fabric/result.hpp"

namespace fabric::store {

/// An exclusive flock(2) on a file that is made for it and never removed: removing it would let two
/// processes lock two files of one name. The lock dies with the process, so a file left behind by a
/// dead daemon is in nobody's way. The file holds the pid and the name of the program.
class file_lock {
 public:
  /// Faults: store_locked, naming the holder's pid and program; store_failed.
  static result<file_lock> take(const std::string& path);
  ~file_lock();
  file_lock(file_lock&& other) noexcept;
  file_lock& operator=(file_lock&& other) noexcept;

 private:
  explicit file_lock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace fabric::store

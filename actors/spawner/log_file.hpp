#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "actors/spawner/unique_fd.hpp"
#include "fabric/result.hpp"

namespace fabric::spawner {

/// Frees the blocks of [0, end) of a file without changing its size: 0, or -1 with errno.
using hole_puncher = int (*)(int fd, off_t end);
int punch_hole(int fd, off_t end);

/// One output stream on disk. Made at the first byte, with its folders. Byte N of the stream is
/// byte N of the file, always, so that readers can keep their place:
///  - only the last `bytes_max` bytes are kept (rounded up to a whole block); earlier ones become a
///    hole, and `first_kept` tells where it ends;
///  - bytes that could not be written (disk full) leave a hole too and are counted in `lost`;
///  - where the file system cannot punch holes, writing stops at the limit with a notice in the
///    file, and what comes later is counted as lost.
class log_file {
 public:
  /// An empty path or a limit of 0 keeps nothing on disk.
  log_file(std::string path, std::uint64_t bytes_max, hole_puncher punch = punch_hole);

  /// Never fails: a task must not stop because a disk is full.
  void append(std::string_view bytes);
  void close();

  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] int last_error() const { return last_error_; }  ///< errno of the last loss, or 0

 private:
  bool open();
  void write_at_end(std::string_view bytes);
  void drop_beginning(std::uint64_t slack);
  void stop_with_notice();

  std::string path_;
  std::uint64_t bytes_max_;
  hole_puncher punch_;
  unique_fd file_;
  std::uint64_t size_ = 0;
  std::uint64_t hole_end_ = 0;
  std::uint64_t block_ = 4096;
  std::uint64_t lost_ = 0;
  int last_error_ = 0;
  bool stopped_ = false;
};

/// Offset of the first byte that is still there; earlier ones were dropped. 0 for a file that is
/// whole, the file's size for one of which nothing is left. Faults: not_found.
result<std::uint64_t> first_kept(const std::string& path);

}  // namespace fabric::spawner

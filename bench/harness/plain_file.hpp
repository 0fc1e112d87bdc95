#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fabric::bench {

inline constexpr const char* shared_memory = "/dev/shm";

/// The floor of objects: a file in shared memory that goes with this. Precondition: there is none
/// of that name.
class plain_file {
 public:
  plain_file(const std::string& path, std::size_t size);
  ~plain_file();
  plain_file(const plain_file&) = delete;
  plain_file& operator=(const plain_file&) = delete;

  /// By memcpy into a mapping, which stays until the end.
  void copy_in(const std::byte* from);
  void write_in(const std::byte* from) const;

 private:
  std::string path_;
  std::size_t size_;
  int file_ = -1;
  void* at_ = nullptr;
};

/// Opens and maps such a file, looks at a byte that must be 0, and unmaps it.
void map_plainly(const std::string& path, std::size_t size);

std::uint64_t free_shared_memory();

}  // namespace fabric::bench

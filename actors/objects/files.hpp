#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "actors/spawner/unique_fd.hpp"
#include "fabric/result.hpp"

/// Files of objects: one each, named by the object's serial, in a folder for memory or for disk.
namespace fabric::objects {

using spawner::unique_fd;

/// Bytes that are mapped for as long as it lives.
class mapping {
 public:
  enum class access { read, write };

  mapping() = default;
  /// Nothing is mapped for no bytes. Faults: store_failed.
  static result<mapping> of(const unique_fd& file, std::uint64_t size, access how);
  ~mapping();
  mapping(mapping&& other) noexcept;
  mapping& operator=(mapping&& other) noexcept;

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  mapping(std::byte* data, std::size_t size) : data_(data), size_(size) {}
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// 16 hexadecimal digits.
std::string file_name_of(std::uint64_t serial);

/// A new file of `size` bytes without space of its own. Faults: store_full, store_failed.
result<unique_fd> make_file(const unique_fd& folder, std::uint64_t serial, std::uint64_t size);
result<unique_fd> open_file(const unique_fd& folder, std::uint64_t serial);
/// One that is not there is fine.
void remove_file(const unique_fd& folder, std::uint64_t serial);

/// Space for every byte, so that none is missing when it is touched through a mapping: that would
/// be a signal. Faults: store_full, store_failed.
result<void> reserve(const unique_fd& file, std::uint64_t size);
/// The same, cheap where all was written.
result<void> reserve_what_is_missing(const unique_fd& file, std::uint64_t size);

/// Faults: store_full with the bytes before it written, store_failed.
result<void> write_bytes(const unique_fd& file, std::uint64_t offset,
                         std::span<const std::byte> bytes);
result<void> copy_bytes(const unique_fd& from, const unique_fd& to, std::uint64_t size);
/// From now on it is opened for reading alone (but by root).
void make_read_only(const unique_fd& file);

/// Bytes that a user may still write in the file system of a folder, and its size.
struct disk_space {
  std::uint64_t free = 0;
  std::uint64_t size = 0;
};
disk_space space_of(const unique_fd& folder);

/// `what`, the reason in errno, and store_full where that is a lack of space.
fault file_fault(const std::string& what);

}  // namespace fabric::objects

#pragma once

#include <chrono>
#include <string>

#include "actors/objects/files.hpp"
#include "actors/objects/store_options.hpp"

/// The two folders of a store. Both are the user's alone (0700); links and folders of others are
/// refused.
namespace fabric::objects {

/// "fabric-objects-UID-INSTANCE". Faults: usage.
result<std::string> store_name_of(const std::string& instance);

/// Made where it is missing. Faults: forbidden, store_failed.
result<unique_fd> enter_folder(const std::string& path);

/// Whether the open folder still has a name: somebody who tidies up may have removed it.
bool is_linked(const unique_fd& folder);

/// An exclusive flock(2) that ends with its process; nothing of it is left on the disk.
class folder_lock {
 public:
  /// Waits for at most `patience`. Faults: busy.
  static result<folder_lock> take(const unique_fd& folder, const std::string& path,
                                  std::chrono::milliseconds patience);

 private:
  explicit folder_lock(unique_fd own) : own_(std::move(own)) {}
  unique_fd own_;
};

/// A folder below `parent` for one store's spilled objects, named as `remove_left_spill_folders`
/// says. While the answer lives, nobody takes it
/// for a leftover.
result<unique_fd> enter_spill_folder(const unique_fd& parent, const std::string& name);

/// Removes the folders below `parent` that no living process has entered. Only those whose names
/// are ours: 32 hexadecimal digits.
void remove_left_spill_folders(const unique_fd& parent);

/// Removes all files in the folder but those named.
void empty_folder(const unique_fd& folder, const std::string& kept = {});

}  // namespace fabric::objects

#pragma once

#include <string>

#include "actors/objects/folders.hpp"
#include "actors/objects/shared_index.hpp"
#include "actors/objects/store_options.hpp"

/// From options to the open parts of a store, and its removal.
namespace fabric::objects {

struct opened {
  folder_lock alone;  ///< nobody else opens or removes the store while it lives
  shared_index index;
  unique_fd memory;
  unique_fd disk;
};

/// Makes the store where there is none. Faults: usage, forbidden, version, bad_message, config,
/// store_full, store_failed, busy.
result<opened> open_parts(const store_options& how);

enum class removal {
  if_unused,  ///< a store that another process has open stays
  anyway      ///< those who have it open keep their views and are told that it is gone
};

/// Removes a store and all its files, also one that is damaged or of another version. One that is
/// not there is fine. Faults: busy, usage, forbidden.
result<void> remove_store(const store_options& how, removal which);

}  // namespace fabric::objects

#include "actors/objects/folders.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <thread>
#include <vector>

#include "fabric/object_id.hpp"

namespace fabric::objects {

namespace {

constexpr std::size_t instance_name_max = 64;
constexpr std::chrono::milliseconds lock_pause{1};
constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

std::vector<std::string> names_in(const unique_fd& folder) {
  std::vector<std::string> names;
  const int own = ::openat(folder.get(), ".", folder_flags);
  if (own < 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(own), ::closedir);
  if (!listing) {
    ::close(own);
    return names;
  }
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  return names;
}

result<void> check_owner(const unique_fd& folder, const std::string& path) {
  struct stat about {};
  if (::fstat(folder.get(), &about) != 0) return file_fault("look at " + path);
  if (about.st_uid == ::geteuid() && (about.st_mode & 077) == 0) return {};
  return fault{fault_code::forbidden, path + " is open to other users, or is another user's",
               "look who made it, then remove it or name another instance"};
}

bool try_lock(const unique_fd& file, int how) {
  int outcome = 0;
  do {
    outcome = ::flock(file.get(), how | LOCK_NB);
  } while (outcome != 0 && errno == EINTR);
  return outcome == 0;
}

}  // namespace

bool is_linked(const unique_fd& folder) {
  struct stat about {};
  return ::fstat(folder.get(), &about) == 0 && about.st_nlink > 0;
}

result<std::string> store_name_of(const std::string& instance) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  const bool is_good = !instance.empty() && instance.size() <= instance_name_max &&
                       std::all_of(instance.begin(), instance.end(), is_plain);
  if (is_good) return "fabric-objects-" + std::to_string(::geteuid()) + "-" + instance;
  return fault{fault_code::usage, "an object store cannot be named '" + instance + "'",
               "use up to 64 lower-case letters, digits, '.', '_' and '-'"};
}

result<unique_fd> enter_folder(const std::string& path) {
  constexpr int tries = 64;
  unique_fd folder;
  // Somebody may remove it between the two.
  for (int i = 0; !folder && i < tries; ++i) {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return file_fault("make " + path);
    folder = unique_fd(::open(path.c_str(), folder_flags));
    if (!folder && errno != ENOENT) break;
  }
  if (!folder) {
    const bool is_other = errno == ELOOP || errno == ENOTDIR || errno == EACCES;
    if (!is_other) return file_fault("open " + path);
    return fault{fault_code::forbidden, path + " is not a folder of this user",
                 "look who made it, then remove it or name another instance"};
  }
  if (auto ours = check_owner(folder, path); !ours) return ours.error();
  return folder;
}

result<folder_lock> folder_lock::take(const unique_fd& folder, const std::string& path,
                                      std::chrono::milliseconds patience) {
  // Opened again, because a lock belongs to the opening.
  unique_fd own(::openat(folder.get(), ".", folder_flags));
  if (!own) return file_fault("open " + path);
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!try_lock(own, LOCK_EX)) {
    if (std::chrono::steady_clock::now() >= until)
      return fault{fault_code::busy, path + " stays locked by another process",
                   "find it with `fuser -v " + path + "` and end it"};
    std::this_thread::sleep_for(lock_pause);
  }
  return folder_lock{std::move(own)};
}

result<unique_fd> enter_spill_folder(const unique_fd& parent, const std::string& name) {
  constexpr int tries = 8;
  for (int i = 0; i < tries; ++i) {
    if (::mkdirat(parent.get(), name.c_str(), 0700) != 0 && errno != EEXIST)
      return file_fault("make a folder for spilled objects");
    unique_fd folder(::openat(parent.get(), name.c_str(), folder_flags));
    if (!folder && errno != ENOENT) return file_fault("open the folder of spilled objects");
    // Somebody who cleans up may have found it before it was locked, and removed it.
    if (folder && try_lock(folder, LOCK_SH) && is_linked(folder)) {
      if (auto ours = check_owner(folder, name); !ours) return ours.error();
      return folder;
    }
  }
  return fault{fault_code::busy, "the folder of spilled objects is being removed",
               "try again in a moment"};
}

void remove_left_spill_folders(const unique_fd& parent) {
  for (const auto& name : names_in(parent)) {
    if (!parse_object_id(name)) continue;
    const unique_fd folder(::openat(parent.get(), name.c_str(), folder_flags));
    if (!folder || !try_lock(folder, LOCK_EX)) continue;
    empty_folder(folder);
    ::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR);
  }
}

void empty_folder(const unique_fd& folder, const std::string& kept) {
  for (const auto& name : names_in(folder))
    if (name != kept) ::unlinkat(folder.get(), name.c_str(), 0);
}

}  // namespace fabric::objects

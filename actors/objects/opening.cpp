#include "actors/objects/opening.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "fabric/object_id.hpp"
#include "resources/detect.hpp"

namespace fabric::objects {

namespace {

constexpr int tries_max = 16;
constexpr std::uint64_t memory_percent = 30;
constexpr const char* software = "fabric 0.1.0";

/// Of the machine, or of the control group that we are in where that is less.
std::uint64_t default_memory_max() {
  machine quiet;
  quiet.nvml_library = "no GPUs are asked for";
  const auto bytes = detect(quiet).has.amounts[memory].value / 1000;
  return static_cast<std::uint64_t>(bytes) / 100 * memory_percent;
}

template <std::size_t Size>
bool put_text(std::array<char, Size>& to, const std::string& text) {
  if (text.size() >= Size) return false;
  std::copy(text.begin(), text.end(), to.begin());
  return true;
}

result<std::string> random_name() {
  object_id id;
  if (::getrandom(&id, sizeof id, 0) != static_cast<ssize_t>(sizeof id))
    return file_fault("get random bytes");
  return to_string(id);
}

result<void> make_index(const unique_fd& memory, const store_options& how,
                        const std::string& disk_root) {
  if (disk_root.front() != '/')
    return fault{fault_code::usage, "the path " + disk_root + " does not begin with /",
                 "name it from the root, since processes have their own working folders"};
  const auto disk = enter_folder(disk_root);
  if (!disk) return disk.error();
  // What an earlier store left when its processes were killed.
  remove_left_spill_folders(*disk);
  empty_folder(memory);
  auto name = random_name();
  if (!name) return name.error();
  index_facts facts;
  facts.tables = how.tables;
  facts.limits.memory_max = how.memory_max ? *how.memory_max : default_memory_max();
  facts.limits.disk_max = how.disk_max.value_or(no_disk_limit);
  put_text(facts.software, software);
  put_text(facts.spill_name, *name);
  if (!put_text(facts.disk_root, disk_root))
    return fault{fault_code::usage, "the path " + disk_root + " is too long", "name a shorter one"};
  return shared_index::make(memory, facts);
}

result<shared_index> open_index(const unique_fd& memory, const store_options& how,
                                const std::string& disk_root) {
  auto there = shared_index::open(memory, how.lock_patience);
  // Whoever removed it may have been killed before its file was gone.
  if (there && (!*there || (*there)->is_removed())) {
    if (auto made = make_index(memory, how, disk_root); !made) return made.error();
    there = shared_index::open(memory, how.lock_patience);
  }
  if (!there) return there.error();
  if (!*there) return damaged_index("vanished while it was opened");
  return std::move(**there);
}

/// The folder on disk that the index names, if that can be one of ours: a path out of a damaged
/// index must not decide what is removed.
result<std::string> disk_root_of(const shared_index& index, const std::string& name) {
  const std::string path = index.facts().disk_root.data();
  const bool is_ours = path.ends_with("/" + name) && path.front() == '/' &&
                       parse_object_id(index.facts().spill_name.data());
  if (!is_ours) return damaged_index("names a folder on disk that is not its own");
  return path;
}

/// The folder and its lock. Somebody who removes the store may take it away between the two.
result<std::pair<unique_fd, folder_lock>> enter_alone(const std::string& path,
                                                      std::chrono::milliseconds patience) {
  for (int i = 0; i < tries_max; ++i) {
    auto folder = enter_folder(path);
    if (!folder) return folder.error();
    auto alone = folder_lock::take(*folder, path, patience);
    if (alone && is_linked(*folder)) return std::pair{std::move(*folder), std::move(*alone)};
    if (!alone && is_linked(*folder)) return alone.error();
  }
  return fault{fault_code::busy, path + " is removed again and again", "find out who removes it"};
}

/// The folder for this store's spilled objects; somebody who removed the store before may take its
/// parent away meanwhile.
result<unique_fd> enter_disk(const std::string& path, const std::string& name) {
  for (int i = 0; i < tries_max; ++i) {
    const auto parent = enter_folder(path);
    if (!parent) return parent.error();
    auto folder = enter_spill_folder(*parent, name);
    if (folder || is_linked(*parent)) return folder;
  }
  return fault{fault_code::busy, path + " is removed again and again", "find out who removes it"};
}

/// Whoever has an index open, of whatever version, holds a shared lock on it.
bool is_used_by_others(const unique_fd& memory) {
  const unique_fd file(::openat(memory.get(), index_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  return file && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0;
}

fault still_used(const std::string& path) {
  return {fault_code::busy, "processes still use the object store " + path,
          "end them first: fuser -v " + path + "/" + index_name};
}

}  // namespace

result<opened> open_parts(const store_options& how) {
  const auto name = store_name_of(how.instance);
  if (!name) return name.error();
  auto memory = enter_alone(how.memory_root + "/" + *name, how.lock_patience);
  if (!memory) return memory.error();
  auto index = open_index(memory->first, how, how.disk_root + "/" + *name);
  if (!index) return index.error();
  const auto disk_path = disk_root_of(*index, *name);
  if (!disk_path) return disk_path.error();
  auto disk = enter_disk(*disk_path, index->facts().spill_name.data());
  if (!disk) return disk.error();
  return opened{std::move(memory->second), std::move(*index), std::move(memory->first),
                std::move(*disk)};
}

result<void> remove_store(const store_options& how, removal which) {
  const auto name = store_name_of(how.instance);
  if (!name) return name.error();
  const auto path = how.memory_root + "/" + *name;
  auto disk_root = how.disk_root + "/" + *name;
  const auto memory = enter_alone(path, how.lock_patience);
  if (!memory) return memory.error();
  if (which == removal::if_unused && is_used_by_others(memory->first)) return still_used(path);
  if (auto there = shared_index::open(memory->first, how.lock_patience); there && *there) {
    (*there)->mark_removed();
    disk_root = disk_root_of(**there, *name).value_or(disk_root);
    const auto disk = enter_folder(disk_root);
    const bool is_named = parse_object_id((*there)->facts().spill_name.data()).has_value();
    const auto spilled = disk && is_named
                             ? enter_spill_folder(*disk, (*there)->facts().spill_name.data())
                             : result<unique_fd>{damaged_index("names no folder")};
    if (spilled) empty_folder(*spilled);
  }
  empty_folder(memory->first);
  ::rmdir(path.c_str());
  if (const auto disk = enter_folder(disk_root)) remove_left_spill_folders(*disk);
  ::rmdir(disk_root.c_str());
  return {};
}

}  // namespace fabric::objects

#include "actors/daemon/doctor_program.hpp"

#include <elf.h>
#include <link.h>
#include <sodium.h>
#include <sqlite3.h>

#include <algorithm>
#include <caf/config.hpp>
#include <cstdlib>
#include <string>

#include "actors/daemon/duration_text.hpp"
#include "transport/socket_library.hpp"

namespace fabric::daemon {

namespace {

using level = finding::level;

constexpr std::int64_t clocks_apart_max_ms = 60'000;

std::string caf_version() {
  return std::to_string(CAF_VERSION / 10000) + "." + std::to_string(CAF_VERSION / 100 % 100) + "." +
         std::to_string(CAF_VERSION % 100);
}

/// What the loader made of this program; the first object that it lists.
struct loaded {
  bool is_position_independent = false;
  bool has_relro = false;
  bool has_executable_stack = true;
  bool binds_now = false;
};

bool binds_now(const ElfW(Dyn) * entry) {
  for (; entry != nullptr && entry->d_tag != DT_NULL; ++entry)
    if (entry->d_tag == DT_BIND_NOW ||
        (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_BIND_NOW) != 0) ||
        (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_NOW) != 0))
      return true;
  return false;
}

int note_program(dl_phdr_info* program, std::size_t, void* to) {
  auto& found = *static_cast<loaded*>(to);
  found.is_position_independent = program->dlpi_addr != 0;
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const auto& part = program->dlpi_phdr[i];
    if (part.p_type == PT_GNU_RELRO) found.has_relro = true;
    if (part.p_type == PT_GNU_STACK) found.has_executable_stack = (part.p_flags & PF_X) != 0;
    if (part.p_type == PT_DYNAMIC)
      found.binds_now = binds_now(  // NOLINTNEXTLINE(performance-no-int-to-ptr)
          reinterpret_cast<const ElfW(Dyn)*>(program->dlpi_addr + part.p_vaddr));
  }
  return 1;  // the libraries are not ours
}

#if defined(__SSP_STRONG__) || defined(__SSP_ALL__)
constexpr bool has_stack_protector = true;
#else
constexpr bool has_stack_protector = false;
#endif
#if defined(__CET__)
constexpr bool has_branch_protection = true;
#else
constexpr bool has_branch_protection = false;
#endif
#if defined(__x86_64__)
constexpr bool can_have_branch_protection = true;
#else
constexpr bool can_have_branch_protection = false;
#endif

std::string list_of(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

finding look_at_hardening() {
  loaded found;
  dl_iterate_phdr(note_program, &found);
  std::vector<std::string> has;
  std::vector<std::string> lacks;
  const auto look = [&](bool there, const char* what) { (there ? has : lacks).emplace_back(what); };
  look(found.is_position_independent, "PIE");
  look(found.has_relro && found.binds_now, "full RELRO");
  look(!found.has_executable_stack, "no executable stack");
  look(has_stack_protector, "stack protector");
  if (can_have_branch_protection) look(has_branch_protection, "branch protection");
  if (lacks.empty()) return {level::fine, "program", "built with " + list_of(has), ""};
  return {level::note, "program", "built without " + list_of(lacks),
          "build it with the flags of the project's CMake files"};
}

}  // namespace

std::vector<finding> look_at_program() {
  const auto zmq = transport::socket_library_version();
  std::vector<finding> all;
  all.push_back({level::fine, "libraries",
                 "libzmq " + zmq + ", libsodium " + sodium_version_string() + ", SQLite " +
                     sqlite3_libversion() + ", CAF " + caf_version(),
                 ""});
  // Its issues 3937, 4229 and 4767.
  if (zmq == "4.3.4")
    all.push_back({level::note, "libraries",
                   "libzmq 4.3.4 can abort where its own heartbeats are on; Fabric has others and "
                   "leaves them off",
                   ""});
  all.push_back(look_at_hardening());
  return all;
}

finding compare_clocks(std::int64_t ours_ms, std::int64_t heads_ms) {
  const auto apart = std::abs(ours_ms - heads_ms);
  const auto text = to_text(std::chrono::milliseconds{apart});
  if (apart <= clocks_apart_max_ms)
    return {level::fine, "clock", "the head's wall clock tells the same time", ""};
  return {
      level::note, "clock",
      "the wall clock is " + text + (ours_ms < heads_ms ? " behind" : " ahead of") + " the head's",
      "set both by NTP; only shown times depend on it"};
}

}  // namespace fabric::daemon

#include "actors/tune/tuner_process.hpp"

#include <sodium.h>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "actors/clock.hpp"
#include "actors/spawner/process_tree.hpp"
#include "resources/detect.hpp"

namespace fabric::actors {

namespace {

std::string process_namespace() {
  std::array<char, 64> name{};
  const auto length = ::readlink("/proc/self/ns/pid", name.data(), name.size());
  return length <= 0 ? std::string{} : std::string(name.data(), static_cast<std::size_t>(length));
}

/// 32 hexadecimal digits that nobody has had.
std::string fresh_id() {
  std::array<unsigned char, 16> random{};
  randombytes_buf(random.data(), random.size());
  std::string id(2 * random.size() + 1, '\0');
  sodium_bin2hex(id.data(), id.size(), random.data(), random.size());
  id.pop_back();
  return id;
}

enum class finding : std::uint8_t { there, gone, unknown };

finding find(const store::tuner_mark& who, const store::tuner_mark& own) {
  if (who.place == store::asked_place)
    return wall_ms() > who.started ? finding::gone : finding::unknown;
  if (who.place != own.place || who.pid <= 0) return finding::unknown;
  const auto seen = spawner::look_at(static_cast<pid_t>(who.pid));
  if (seen) {
    const bool is_another = static_cast<std::int64_t>(seen->born) != who.started;
    return is_another || seen->state == 'Z' || seen->state == 'X' ? finding::gone : finding::there;
  }
  // /proc may hide the processes of others.
  const bool is_nobody = ::kill(static_cast<pid_t>(who.pid), 0) != 0 && errno == ESRCH;
  return is_nobody ? finding::gone : finding::unknown;
}

}  // namespace

result<store::tuner_mark> own_mark() {
  auto boot = boot_id();
  if (!boot) return std::move(boot).error();
  const auto me = spawner::look_at(getpid());
  if (!me)
    return fault{fault_code::config, "/proc/self/stat cannot be read", "mount proc and try again"};
  return store::tuner_mark{fresh_id(), *boot + " " + process_namespace(), ::getpid(),
                           static_cast<std::int64_t>(me->born)};
}

store::tuner_mark asking_mark(std::int64_t until_ms) {
  return {fresh_id(), std::string{store::asked_place}, 0, until_ms};
}

bool has_ended(const store::tuner_mark& who, const store::tuner_mark& own) {
  return find(who, own) == finding::gone;
}

bool is_running(const store::tuner_mark& who, const store::tuner_mark& own) {
  return find(who, own) == finding::there;
}

}  // namespace fabric::actors

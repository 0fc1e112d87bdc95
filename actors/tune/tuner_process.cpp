#include "actors/tune/tuner_process.hpp"

#include <sodium.h>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <optional>
#include <sstream>

#include "resources/detect.hpp"

namespace fabric::actors {

namespace {

struct process_state {
  char state = '?';
  std::int64_t started = 0;
};

/// Of /proc/PID/stat: the name in it may hold blanks and brackets, what follows the last one not.
std::optional<process_state> look_at(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream rest(line.substr(name_end + 1));
  constexpr int fields_between = 18;  // those from ppid to itrealvalue
  process_state found;
  std::string skipped;
  rest >> found.state;
  for (int i = 0; i < fields_between; ++i) rest >> skipped;
  rest >> found.started;
  if (!rest) return std::nullopt;
  return found;
}

std::string process_namespace() {
  std::array<char, 64> name{};
  const auto length = ::readlink("/proc/self/ns/pid", name.data(), name.size());
  return length <= 0 ? std::string{} : std::string(name.data(), static_cast<std::size_t>(length));
}

enum class finding : std::uint8_t { there, gone, unknown };

finding find(const store::tuner_mark& who, const store::tuner_mark& own) {
  if (who.place != own.place || who.pid <= 0) return finding::unknown;
  const auto seen = look_at(std::to_string(who.pid));
  if (seen) {
    const bool is_another = seen->started != who.started;
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
  const auto me = look_at("self");
  if (!me)
    return fault{fault_code::config, "/proc/self/stat cannot be read", "mount proc and try again"};
  std::array<unsigned char, 16> random{};
  randombytes_buf(random.data(), random.size());
  std::string id(2 * random.size() + 1, '\0');
  sodium_bin2hex(id.data(), id.size(), random.data(), random.size());
  id.pop_back();
  return store::tuner_mark{std::move(id), *boot + " " + process_namespace(), ::getpid(),
                           me->started};
}

bool has_ended(const store::tuner_mark& who, const store::tuner_mark& own) {
  return find(who, own) == finding::gone;
}

bool is_running(const store::tuner_mark& who, const store::tuner_mark& own) {
  return find(who, own) == finding::there;
}

}  // namespace fabric::actors

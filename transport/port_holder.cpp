#include "transport/port_holder.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace fabric::transport {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view state_listen = "0A";

/// The inodes of all sockets that listen on `port`, from a table as /proc/net/tcp: "sl local rem st
/// tx:rx tr:when retrnsmt uid timeout inode", where local is ADDRESS:PORT in hexadecimal.
void add_listeners(const char* table, std::uint16_t port, std::vector<std::string>& inodes) {
  std::ifstream in(table);
  std::string line;
  std::getline(in, line);  // the heading
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
    fields >> slot >> local >> remote >> state >> queues >> timer >> retransmits >> uid >>
        timeout >> inode;
    const auto colon = local.rfind(':');
    if (!fields || state != state_listen || colon == std::string::npos) continue;
    std::uint16_t number = 0;
    std::from_chars(local.data() + colon + 1, local.data() + local.size(), number, 16);
    if (number == port) inodes.push_back("socket:[" + inode + "]");
  }
}

bool holds_one_of(const fs::path& process, const std::vector<std::string>& inodes) {
  std::error_code trouble;
  for (fs::directory_iterator fd(process / "fd", trouble), end; !trouble && fd != end;
       fd.increment(trouble)) {
    std::error_code gone;
    const std::string target = fs::read_symlink(fd->path(), gone).string();
    if (!gone && std::find(inodes.begin(), inodes.end(), target) != inodes.end()) return true;
  }
  return false;
}

std::string name_of_process(const fs::path& process) {
  std::ifstream in(process / "comm");
  std::string name;
  std::getline(in, name);
  for (char& c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return name;
}

}  // namespace

std::optional<port_holder> holder_of_port(std::uint16_t port) {
  std::vector<std::string> inodes;
  add_listeners("/proc/net/tcp", port, inodes);
  add_listeners("/proc/net/tcp6", port, inodes);
  if (inodes.empty()) return std::nullopt;

  std::error_code trouble;
  for (fs::directory_iterator process("/proc", trouble), end; !trouble && process != end;
       process.increment(trouble)) {
    const std::string name = process->path().filename().string();
    int pid = 0;
    const auto [rest, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad != std::errc{} || rest != name.data() + name.size()) continue;
    if (holds_one_of(process->path(), inodes))
      return port_holder{pid, name_of_process(process->path())};
  }
  return std::nullopt;
}

}  // namespace fabric::transport

#include "actors/daemon/doctor.hpp"

#include <netdb.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>

#include "actors/clock.hpp"
#include "actors/daemon/boot.hpp"
#include "actors/daemon/client_session.hpp"
#include "actors/daemon/doctor_program.hpp"
#include "actors/daemon/greeting.hpp"
#include "actors/daemon/join.hpp"
#include "actors/daemon/state_dir.hpp"
#include "resources/detect.hpp"
#include "transport/port_holder.hpp"

namespace fabric::daemon {

namespace {

namespace fs = std::filesystem;
using level = finding::level;

constexpr rlim_t files_wanted = 4096;

/// 0 where a head could listen there now, else the cause (errno).
int try_to_bind(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) != 0)
    return EADDRNOTAVAIL;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> where{list, freeaddrinfo};
  const int fd = socket(where->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  // As libzmq does: connections of an earlier listener that are still ending do not count.
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const int cause = bind(fd, where->ai_addr, where->ai_addrlen) == 0 ? 0 : errno;
  close(fd);
  return cause;
}

finding fine(std::string what, std::string detail) {
  return {level::fine, std::move(what), std::move(detail), ""};
}
finding problem(std::string what, std::string detail, std::string remedy) {
  return {level::problem, std::move(what), std::move(detail), std::move(remedy)};
}
finding note(std::string what, std::string detail, std::string remedy) {
  return {level::note, std::move(what), std::move(detail), std::move(remedy)};
}

/// The instances in the state home.
std::vector<std::string> known_instances() {
  std::vector<std::string> all;
  std::error_code ignored;
  const auto home = state_home();
  if (!home) return all;
  for (const auto& entry : fs::directory_iterator(*home, ignored))
    if (entry.is_directory() && entry.path().filename() != "tuning")
      all.push_back(entry.path().string());
  return all;
}

/// Our own head on that port, where one runs. Its descriptors are hidden even from its user.
std::optional<int> pid_of_head_on(std::uint16_t port, const std::string& state_dir) {
  auto all = known_instances();
  if (!state_dir.empty()) all.push_back(state_dir);
  for (const auto& one : all)
    if (const auto pid = pid_of_instance(one))
      if (const auto keys = load_head(one); keys && keys->port == port) return pid;
  return std::nullopt;
}

finding look_at_port(const doctor_options& how) {
  const auto name = "port " + std::to_string(how.port);
  if (const auto pid = pid_of_head_on(how.port, how.state_dir))
    return fine(name, "a fabric head listens: pid " + std::to_string(*pid));
  const auto tried = try_to_bind(how.host.empty() ? "127.0.0.1" : how.host, how.port);
  if (tried == 0) return fine(name, "free");
  if (tried != EADDRINUSE)
    return problem(name, std::string{"cannot be listened at: "} + std::strerror(tried),
                   "start the head with another --port or --node-ip-address");
  const auto holder = transport::holder_of_port(how.port);
  const auto who = holder ? holder->name + " (pid " + std::to_string(holder->pid) + ")"
                          : std::string{"a process that this user cannot look at"};
  if (holder && holder->name == "fabricd") return fine(name, "a fabric head listens: " + who);
  return problem(name, "held by " + who,
                 "end it, or start the head with another --port (0 picks a free one)");
}

/// Whose keys they are, and whether they can be used.
finding look_at_keys(const std::string& name, const std::string& state_dir) {
  const auto of_head = load_head(state_dir);
  if (of_head) return fine(name, "belongs to a head");
  const auto of_node = load_node(state_dir);
  if (of_node) return fine(name, "belongs to a worker node of " + of_node->address);
  // Each calls a folder of the other kind a fault; the other fault is what is wrong.
  const bool is_head = of_node.error().detail.find("belongs to a head") != std::string::npos;
  const auto& why = is_head ? of_head.error() : of_node.error();
  return problem(state_dir + "/keys.json", why.detail, why.hint);
}

/// Whether what a running head tells others leads back to it, from here at least.
finding look_at_own_address(const std::string& address) {
  const auto name = "address " + address;
  const auto met = greet(address);
  if (met.is == greeting::fabric_like)
    return fine(name, "what this head tells others reaches it from here");
  const auto why = met.is == greeting::none ? met.why : "leads to something else";
  return problem(name, "what this head tells others does not reach it: " + why,
                 "start it anew with --node-ip-address and an address that all can reach");
}

std::vector<finding> look_at_instance(const std::string& state_dir) {
  std::vector<finding> all;
  const auto name = "instance " + state_dir;
  std::error_code ignored;
  if (!fs::exists(state_dir, ignored)) return {problem(name, "there is no such folder", "")};
  if (const auto pid = pid_of_instance(state_dir))
    all.push_back(fine(name, "a daemon runs (pid " + std::to_string(*pid) + ")"));
  else if (fs::exists(state_dir + "/daemon.lock", ignored))
    all.push_back(note(name, "no daemon runs; its lock file is left behind, which harms nothing",
                       "start it again to go on, or remove the folder to begin anew"));
  if (fs::exists(state_dir + "/keys.json", ignored)) all.push_back(look_at_keys(name, state_dir));
  if (const auto path = state_dir + "/cluster.json"; fs::exists(path, ignored)) {
    auto readable = load_cluster(path);
    if (!readable)
      all.push_back(problem(path, readable.error().detail, readable.error().hint));
    else if (pid_of_instance(state_dir))
      all.push_back(look_at_own_address(readable->address));
  }
  struct statvfs disk {};
  if (statvfs(state_dir.c_str(), &disk) == 0) {
    const auto free_mib = disk.f_bavail * disk.f_frsize >> 20;
    const auto text = std::to_string(free_mib) + " MiB free";
    all.push_back(free_mib < 256 ? problem("disk of " + state_dir, text, "make room")
                                 : fine("disk of " + state_dir, text));
  }
  return all;
}

finding look_at_files() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const auto text = std::to_string(files.rlim_max) + " open files at most";
  if (files.rlim_max < files_wanted)
    return problem("limits", text,
                   "raise the hard limit of open files (ulimit -Hn) to 4096 or more");
  return fine("limits", text);
}

finding look_at_clock() {
  timespec wall{};
  clock_gettime(CLOCK_REALTIME, &wall);
  constexpr std::time_t year_2024 = 1'704'067'200;
  if (wall.tv_sec < year_2024)
    return problem("clock", "the wall clock is before 2024",
                   "set it; only shown times depend on it");
  return fine("clock", "the wall clock is plausible; leases do not depend on it");
}

finding look_at_processes() {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  if (fd < 0) return problem("kernel", "no pidfd_open", "Linux 5.4 or later is needed");
  close(fd);
  std::error_code ignored;
  const bool v2 = fs::exists("/sys/fs/cgroup/cgroup.controllers", ignored);
  const bool v1 = fs::exists("/sys/fs/cgroup/memory", ignored);
  if (v2) return fine("kernel", "pidfd and control groups v2");
  if (v1) return note("kernel", "pidfd and control groups v1", "");
  return note("kernel", "pidfd, no control groups: memory limits of tasks are not enforced", "");
}

/// Whether the head would let a machine in that has this token; nothing is sent over the
/// connection.
finding look_at_token(const std::string& name, const std::string& address,
                      const std::string& word) {
  const auto token = transport::parse_token(word);
  if (!token) return problem("token", token.error().detail, token.error().hint);
  auto process = actors::runtime::start(1);
  if (!process) return problem("token", process.error().detail, process.error().hint);
  if (auto open = knock(**process, *token, address); !open)
    return problem(name, to_line(open.error()), "");
  return fine(name, "admits this token");
}

std::vector<finding> look_at_head(const doctor_options& how, const std::string& address,
                                  bool has_keys) {
  const auto name = "head " + address;
  const auto met = greet(address);
  if (met.is == greeting::none)
    return {problem(name, met.why, "is the head running, and is the address the one it printed?")};
  if (met.is == greeting::silence)
    return {problem(name, "accepts connections and then says nothing",
                    "is that the port of a fabric head?")};
  if (met.is == greeting::other)
    return {
        problem(name, "what listens there is no fabric head", "give the address that it printed")};
  std::vector<finding> all{fine(name, "answers as a fabric head does")};
  if (!how.token.empty()) all.push_back(look_at_token(name, address, how.token));
  if (!has_keys) return all;
  auto session = connect({}, std::chrono::seconds{2});
  if (!session) {
    all.push_back(problem(name, session.error().detail, session.error().hint));
    return all;
  }
  auto answer = session->ask("status", json::object());
  if (!answer) {
    all.push_back(problem(name, to_line(answer.error()), ""));
    return all;
  }
  all.push_back(fine(name, "knows our key and answers"));
  if (const auto theirs = (*answer)["head"].value("now", std::int64_t{0}); theirs != 0)
    all.push_back(compare_clocks(actors::wall_ms(), theirs));
  return all;
}

void append(std::vector<finding>& to, std::vector<finding> more) {
  for (auto& one : more) to.push_back(std::move(one));
}

}  // namespace

std::vector<finding> examine(const doctor_options& how) {
  std::vector<finding> all;
  all.push_back(look_at_port(how));
  if (!how.host.empty()) {
    if (auto ours = check_own_address(how.host); !ours)
      all.push_back(problem("address " + how.host, ours.error().detail, ours.error().hint));
    else
      all.push_back(fine("address " + how.host, "belongs to this machine"));
  }
  if (!how.state_dir.empty()) {
    append(all, look_at_instance(how.state_dir));
  } else {
    for (const auto& one : known_instances()) append(all, look_at_instance(one));
  }
  if (const auto home = state_home(); !home)
    all.push_back(problem("state home", home.error().detail, home.error().hint));
  const auto cluster_path = find_cluster_file("");
  std::string known;
  if (cluster_path && !cluster_path->empty()) {
    auto cluster = load_cluster(*cluster_path);
    if (cluster)
      known = cluster->address;
    else
      all.push_back(problem(*cluster_path, cluster.error().detail, cluster.error().hint));
  }
  if (!how.address.empty())
    append(all, look_at_head(how, how.address, how.address == known));
  else if (!known.empty())
    append(all, look_at_head(how, known, true));
  all.push_back(look_at_files());
  all.push_back(look_at_clock());
  all.push_back(look_at_processes());
  append(all, look_at_program());
  auto found = detect(this_machine());
  all.push_back(fine("resources", to_string(found.has.amounts)));
  for (auto& text : found.notes) all.push_back(note("resources", std::move(text), ""));
  return all;
}

}  // namespace fabric::daemon

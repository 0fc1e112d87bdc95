#include "actors/daemon/doctor.hpp"

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "actors/daemon/boot.hpp"
#include "actors/daemon/client_session.hpp"
#include "actors/daemon/duration_text.hpp"
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

finding fine(std::string what, std::string detail) {
  return {level::fine, std::move(what), std::move(detail), ""};
}
finding problem(std::string what, std::string detail, std::string remedy) {
  return {level::problem, std::move(what), std::move(detail), std::move(remedy)};
}
finding note(std::string what, std::string detail, std::string remedy) {
  return {level::note, std::move(what), std::move(detail), std::move(remedy)};
}

/// What `holder` is, where the port is taken: one of our own instances or somebody else.
finding look_at_port(std::uint16_t port) {
  const auto name = "port " + std::to_string(port);
  const auto holder = transport::holder_of_port(port);
  if (!holder) return fine(name, "free, or held by another user's process");
  const auto who = holder->name + " (pid " + std::to_string(holder->pid) + ")";
  if (holder->name == "fabricd") return fine(name, "a fabric head listens: " + who);
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
  if (const auto path = state_dir + "/cluster.json"; fs::exists(path, ignored))
    if (auto readable = load_cluster(path); !readable)
      all.push_back(problem(path, readable.error().detail, readable.error().hint));
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
  auto answer = session->head->ask("ping", "{}", std::chrono::seconds{2});
  if (!answer)
    all.push_back(problem(name, to_line(answer.error()), ""));
  else
    all.push_back(fine(name, "knows our key and answers"));
  return all;
}

void append(std::vector<finding>& to, std::vector<finding> more) {
  for (auto& one : more) to.push_back(std::move(one));
}

}  // namespace

std::vector<finding> examine(const doctor_options& how) {
  std::vector<finding> all;
  all.push_back(look_at_port(how.port));
  if (!how.host.empty()) {
    if (auto ours = check_own_address(how.host); !ours)
      all.push_back(problem("address " + how.host, ours.error().detail, ours.error().hint));
    else
      all.push_back(fine("address " + how.host, "belongs to this machine"));
  }
  if (!how.state_dir.empty()) {
    append(all, look_at_instance(how.state_dir));
  } else {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(state_home(), ignored))
      if (entry.is_directory() && entry.path().filename() != "tuning")
        append(all, look_at_instance(entry.path().string()));
  }
  const auto cluster_path = find_cluster_file("");
  std::string known;
  if (!cluster_path.empty()) {
    auto cluster = load_cluster(cluster_path);
    if (cluster)
      known = cluster->address;
    else
      all.push_back(problem(cluster_path, cluster.error().detail, cluster.error().hint));
  }
  if (!how.address.empty())
    append(all, look_at_head(how, how.address, how.address == known));
  else if (!known.empty())
    append(all, look_at_head(how, known, true));
  all.push_back(look_at_files());
  all.push_back(look_at_clock());
  all.push_back(look_at_processes());
  auto found = detect(this_machine());
  all.push_back(fine("resources", to_string(found.has.amounts)));
  for (auto& text : found.notes) all.push_back(note("resources", std::move(text), ""));
  return all;
}

}  // namespace fabric::daemon

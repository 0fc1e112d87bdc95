#include "actors/spawner/program.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

#include "actors/spawner/unique_fd.hpp"

namespace fabric::spawner {

namespace {

constexpr std::string_view standard_path = "/usr/local/bin:/usr/bin:/bin";
constexpr std::size_t child_stack_bytes = 64 << 10;

enum class stage : int { none, set_up, cgroup, user, folder, execute };

/// Shared with the child, which runs in our memory while we stand still (as after vfork). So the
/// child allocates nothing, and its failure is simply written here.
struct plan {
  std::vector<const char*> programs;
  std::vector<char*> argv;
  std::vector<char*> env;
  const char* cwd = nullptr;
  std::array<int, 3> stdio{};
  std::vector<const char*> cgroup_files;
  const credentials* user = nullptr;
  rlim_t open_files_max = 0;
  pid_t spawner = 0;
  stage failed_at = stage::none;
  int error = 0;
};

[[noreturn]] void give_up(plan& p, stage at) {
  p.failed_at = at;
  p.error = errno;
  ::_exit(127);
}

bool write_text(const char* path, std::string_view text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return done;
}

// The raw calls: glibc's would change the credentials of every thread it knows, that is, ours.
bool become(const credentials& who) {
  return ::syscall(SYS_setgroups, who.groups.size(), who.groups.data()) == 0 &&
         ::syscall(SYS_setresgid, who.gid, who.gid, who.gid) == 0 &&
         ::syscall(SYS_setresuid, who.uid, who.uid, who.uid) == 0;
}

/// Executes the first candidate that can be; a forbidden one is remembered, as execvp does.
[[noreturn]] void execute(plan& p) {
  bool forbidden = false;
  for (const char* path : p.programs) {
    ::execve(path, p.argv.data(), p.env.data());
    if (errno == EACCES)
      forbidden = true;
    else if (errno != ENOENT && errno != ENOTDIR)
      give_up(p, stage::execute);
  }
  errno = forbidden ? EACCES : ENOENT;
  give_up(p, stage::execute);
}

int child(void* argument) {
  plan& p = *static_cast<plan*>(argument);
  if (::setsid() < 0) give_up(p, stage::set_up);
  for (int i = 0; i < 3; ++i)
    if (::dup2(p.stdio[static_cast<std::size_t>(i)], i) < 0) give_up(p, stage::set_up);
  for (const char* file : p.cgroup_files)
    if (!write_text(file, "0")) give_up(p, stage::cgroup);
  // A task is a better victim of the out-of-memory killer than the daemon. Refused only to one that
  // has a higher score already.
  write_text("/proc/self/oom_score_adj", "500");
  struct rlimit files {};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != p.open_files_max) {
    files.rlim_cur = std::min(p.open_files_max, files.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  if (p.user != nullptr && !become(*p.user)) give_up(p, stage::user);
  // After the change of user, which clears it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != p.spawner) ::_exit(127);
  if (p.cwd != nullptr && ::chdir(p.cwd) != 0) give_up(p, stage::folder);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  execute(p);
}

bool holds_nul(const std::vector<std::string>& texts) {
  return std::any_of(texts.begin(), texts.end(),
                     [](const std::string& t) { return t.find('\0') != std::string::npos; });
}

fault why_not_executed(const program& what, const plan& p) {
  const std::string& name = what.argv.front();
  const std::string reason = std::strerror(p.error);
  switch (p.error) {
    case ENOENT: {
      if (name.front() == '/' && ::access(name.c_str(), F_OK) == 0)
        return {fault_code::not_found, "the interpreter that " + name + " asks for does not exist",
                ""};
      return {fault_code::not_found, "no such program: " + name, ""};
    }
    case EACCES: return {fault_code::config, "not executable: " + name, ""};
    case ENOEXEC:
      return {fault_code::config, "not a program, nor a script that begins with #!: " + name, ""};
    case E2BIG:
      return {fault_code::too_large, "arguments and environment are too long for " + name, ""};
    default: return {fault_code::config, "cannot execute " + name + ": " + reason, ""};
  }
}

fault why_not_started(const program& what, const plan& p) {
  const std::string reason = std::strerror(p.error);
  switch (p.failed_at) {
    case stage::execute: return why_not_executed(what, p);
    case stage::folder:
      return {fault_code::config, "cannot enter the working folder " + what.cwd + ": " + reason,
              ""};
    case stage::user: return {fault_code::config, "cannot run as the task user: " + reason, ""};
    case stage::cgroup:
      return {fault_code::config, "cannot enter the task's cgroup: " + reason, ""};
    default:
      return {fault_code::internal, "cannot set up " + what.argv.front() + ": " + reason, ""};
  }
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
  all.push_back(nullptr);
  return all;
}

}  // namespace

std::vector<std::string> candidates_of(const std::string& name,
                                       const std::vector<std::string>& env) {
  if (name.find('/') != std::string::npos) return {name};
  std::string_view folders = standard_path;
  for (const auto& entry : env)
    if (entry.starts_with("PATH=")) folders = std::string_view(entry).substr(5);
  std::vector<std::string> all;
  while (true) {
    const auto colon = folders.find(':');
    const std::string_view folder = folders.substr(0, colon);
    // An empty folder in PATH is the working folder.
    all.push_back(folder.empty() ? "./" + name : std::string(folder) + "/" + name);
    if (colon == std::string_view::npos) return all;
    folders.remove_prefix(colon + 1);
  }
}

result<pid_t> start_program(const program& what) {
  if (what.argv.empty() || what.argv.front().empty())
    return fault{fault_code::config, "no program is named", ""};
  if (holds_nul(what.argv) || holds_nul(what.env) || what.cwd.find('\0') != std::string::npos)
    return fault{fault_code::config,
                 "an argument, a variable or the working folder holds a NUL byte", ""};

  const auto paths = candidates_of(what.argv.front(), what.env);
  plan p;
  for (const auto& path : paths) p.programs.push_back(path.c_str());
  p.argv = pointers_to(what.argv);
  p.env = pointers_to(what.env);
  p.cwd = what.cwd.empty() ? nullptr : what.cwd.c_str();
  p.stdio = {what.stdin_fd, what.stdout_fd, what.stderr_fd};
  for (const auto& file : what.cgroup_files) p.cgroup_files.push_back(file.c_str());
  p.user = what.user ? &*what.user : nullptr;
  p.open_files_max = what.open_files_max;
  p.spawner = ::getpid();

  alignas(16) static std::array<char, child_stack_bytes> stack;
  const pid_t pid =
      ::clone(child, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD, &p);
  if (pid < 0)
    return fault{fault_code::internal,
                 "cannot start " + what.argv.front() + ": " + std::strerror(errno), ""};
  if (p.failed_at == stage::none) return pid;
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
  return why_not_started(what, p);
}

}  // namespace fabric::spawner

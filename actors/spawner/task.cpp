#include "actors/spawner/task.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "actors/spawner/clocks.hpp"
#include "actors/spawner/program.hpp"

namespace fabric::spawner {

namespace {

using transport::spawner::end_reason;
using transport::spawner::process_ended;

constexpr std::size_t stdout_tail_bytes = 256 << 10;
constexpr std::size_t stderr_tail_bytes = 16 << 10;

struct pipe_ends {
  unique_fd read;
  unique_fd write;
};

fault cannot(const char* what) {
  return {fault_code::internal, std::string("cannot make ") + what + ": " + std::strerror(errno),
          ""};
}

result<pipe_ends> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot("a pipe");
  pipe_ends made{unique_fd(ends[0]), unique_fd(ends[1])};
  // Only our end: the task's must block when we are behind.
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return made;
}

/// A file in memory, so that a task that never reads its input holds nobody up.
result<unique_fd> make_input(const std::string& data) {
  if (data.empty()) {
    unique_fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!nothing) return cannot("an empty input");
    return nothing;
  }
  unique_fd file(::memfd_create("stdin", MFD_CLOEXEC));
  if (!file) return cannot("the input");
  for (std::size_t done = 0; done < data.size();) {
    const ssize_t n = ::write(file.get(), data.data() + done, data.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return cannot("the input");
    done += static_cast<std::size_t>(n);
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return cannot("the input");
  return file;
}

std::string marker_in(const std::vector<std::string>& env) {
  constexpr std::string_view name = "FABRIC_ATTEMPT_ID=";
  for (const auto& entry : env)
    if (entry.starts_with(name)) return entry.substr(name.size());
  return {};
}

std::string leaf_name(attempt_id id) {
  return "fabric-" + std::to_string(::getpid()) + "-" + std::to_string(id.task.job.value) + "." +
         std::to_string(id.task.index) + "." + std::to_string(id.attempt);
}

/// Version 2 gives every task a leaf, to kill it by. Moving a process between groups of version 1
/// costs milliseconds, so there only tasks with a memory limit get one.
bool wants_leaf(const transport::spawner::start& what, const task_setting& setting) {
  return setting.cgroup && (*setting.cgroup == cgroup_kind::v2 || what.memory_max > 0);
}

bool killed_for_memory(const task& t) {
  if (!t.leaf || t.why != end_reason::exited || t.leaf->out_of_memory_kills() == 0) return false;
  // A task that came to terms with the loss of a child has not failed.
  return !WIFEXITED(t.status) || WEXITSTATUS(t.status) != 0;
}

std::uint64_t microseconds(const timeval& t) {
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(t.tv_usec);
}

}  // namespace

result<std::unique_ptr<task>> start_task(const transport::spawner::start& what,
                                         const task_setting& setting, instant now) {
  auto out = make_pipe();
  if (!out) return out.error();
  auto err = make_pipe();
  if (!err) return err.error();
  auto input = make_input(what.stdin_data);
  if (!input) return input.error();

  program p{.argv = what.argv,
            .env = what.env,
            .cwd = what.cwd,
            .stdin_fd = input->get(),
            .stdout_fd = out->write.get(),
            .stderr_fd = err->write.get(),
            .cgroup_files = {},
            .user = setting.user,
            .open_files_max = setting.open_files_max};
  std::optional<cgroup_leaf> leaf;
  if (wants_leaf(what, setting)) {
    auto made = cgroup_leaf::make(setting.cgroup_parent, *setting.cgroup, leaf_name(what.id),
                                  {what.memory_max, setting.pids_max});
    if (!made) return made.error();
    leaf.emplace(std::move(*made));
    p.cgroup_files.push_back(leaf->procs_file());
  }

  const std::int64_t started = wall_ms();
  const auto pid = start_program(p);
  if (!pid) return pid.error();
  return std::unique_ptr<task>(
      new task{.id = what.id,
               .main = *pid,
               .marker = marker_in(what.env),
               .out = output(std::move(out->read),
                             log_file(what.stdout_path, what.output_bytes_max), stdout_tail_bytes),
               .err = output(std::move(err->read),
                             log_file(what.stderr_path, what.output_bytes_max), stderr_tail_bytes),
               .leaf = std::move(leaf),
               .kill_grace = what.kill_grace,
               .limit_at = what.time_limit > duration{0} ? later(now, what.time_limit) : never,
               .started_ms = started});
}

void account(task& t, const rusage& used) {
  t.cpu_us += microseconds(used.ru_utime) + microseconds(used.ru_stime);
  t.memory_peak = std::max(t.memory_peak, static_cast<std::uint64_t>(used.ru_maxrss) * 1024);
}

process_ended ended(task& t, std::span<char> scratch) {
  t.out.finish(scratch);
  t.err.finish(scratch);
  if (killed_for_memory(t)) t.why = end_reason::oom;
  std::string detail = t.out.loss("stdout");
  const std::string more = t.err.loss("stderr");
  if (!detail.empty() && !more.empty()) detail += ", ";
  detail += more;
  return {.id = t.id,
          .why = static_cast<std::uint8_t>(t.why),
          .exit_code = WIFEXITED(t.status) ? WEXITSTATUS(t.status) : -1,
          .signal = WIFSIGNALED(t.status) ? WTERMSIG(t.status) : 0,
          .detail = std::move(detail),
          .stdout_tail = t.out.last_bytes(),
          .stderr_tail = t.err.last_bytes(),
          .stdout_bytes = t.out.bytes(),
          .stderr_bytes = t.err.bytes(),
          .started_ms = t.started_ms,
          .ended_ms = t.ended_ms,
          .cpu_ms = t.cpu_us / 1000,
          .memory_peak = t.leaf ? std::max(t.memory_peak, t.leaf->memory_peak()) : t.memory_peak};
}

process_ended never_began(attempt_id id, end_reason why, std::string detail) {
  const std::int64_t now = wall_ms();
  return {.id = id,
          .why = static_cast<std::uint8_t>(why),
          .detail = std::move(detail),
          .stdout_tail = {},
          .stderr_tail = {},
          .started_ms = now,
          .ended_ms = now};
}

}  // namespace fabric::spawner

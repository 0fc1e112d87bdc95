#include "tests/spawner/support.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "actors/spawner/process_tree.hpp"

namespace fabric::spawner::testing {

namespace {

int milliseconds_until(std::chrono::steady_clock::time_point at) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(at - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace

attempt_id attempt(std::uint64_t job, std::uint32_t number) { return {{job_id{job}, 0}, number}; }

std::string marker_of(attempt_id id) {
  return "FABRIC_ATTEMPT_ID=test-" + std::to_string(::getpid()) + "-" +
         std::to_string(id.task.job.value) + "-" + std::to_string(id.task.index) + "-" +
         std::to_string(id.attempt) + ";";
}

start a_program(attempt_id id, std::vector<std::string> argv) {
  start what;
  what.id = id;
  what.argv = std::move(argv);
  what.env = {"PATH=/usr/local/bin:/usr/bin:/bin", marker_of(id)};
  what.cwd = "/";
  what.output_bytes_max = 1 << 20;
  return what;
}

start a_script(attempt_id id, const std::string& text) { return a_program(id, {"sh", "-c", text}); }

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;  // an iterator throws where /proc tells of a process that just ended
  content << in.rdbuf();
  return std::move(content).str();
}

std::vector<pid_t> processes_with(const std::string& text) {
  std::vector<pid_t> found;
  for (const auto& entry : all_processes()) {
    const std::string folder = "/proc/" + std::to_string(entry.pid);
    if (entry.pid == ::getpid() || entry.state == 'Z' || entry.state == 'X') continue;
    const bool there = content_of(folder + "/environ").find(text) != std::string::npos ||
                       content_of(folder + "/cmdline").find(text) != std::string::npos;
    if (there) found.push_back(entry.pid);
  }
  return found;
}

bool all_gone(const std::vector<pid_t>& pids, std::chrono::milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  for (const pid_t pid : pids) {
    const unique_fd handle(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    pollfd over{handle.get(), POLLIN, 0};
    if (handle && ::poll(&over, 1, milliseconds_until(until)) != 1) return false;
  }
  return true;
}

std::size_t open_files_of(pid_t pid) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& item :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
    ++count;
  return count;
}

std::size_t zombies_below(pid_t parent) {
  const auto all = all_processes();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const auto& entry) {
    return entry.parent == parent && entry.state == 'Z';
  }));
}

scratch_folder::scratch_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "fabric-spawner-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  root_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

signpost::signpost(std::string path) : path_(std::move(path)) {
  if (::mkfifo(path_.c_str(), 0666) != 0) throw std::runtime_error("cannot make " + path_);
  file_ = unique_fd(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
}

bool signpost::passed(std::size_t lines) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (lines > 0) {
    pollfd ready{file_.get(), POLLIN, 0};
    if (::poll(&ready, 1, milliseconds_until(until)) != 1) return false;
    char c = 0;
    if (::read(file_.get(), &c, 1) == 1 && c == '\n') --lines;
  }
  return true;
}

void signpost::release() { EXPECT_EQ(::write(file_.get(), "go\n", 3), 3); }

running_spawner::running_spawner(const options& how) {
  auto launched = fabric::spawner::link::launch(how);
  if (!launched) throw std::runtime_error(to_line(launched.error()));
  link_.emplace(std::move(*launched));
  reader_ = std::thread([this] {
    while (auto m = link_->receive()) {
      const std::lock_guard hold(guard_);
      if (const auto* s = std::get_if<transport::spawner::process_started>(&*m))
        started_[s->id] = s->pid;
      if (auto* e = std::get_if<process_ended>(&*m)) ended_[e->id] = std::move(*e);
      changed_.notify_all();
    }
    const std::lock_guard hold(guard_);
    gone_ = true;
    changed_.notify_all();
  });
}

running_spawner::~running_spawner() {
  link_->shut();
  reader_.join();
}

void running_spawner::send(const transport::spawner::message& m) {
  const auto sent = link_->send(m);
  EXPECT_TRUE(sent) << (sent ? "" : to_line(sent.error()));
}

std::int32_t running_spawner::started(attempt_id id) {
  std::unique_lock hold(guard_);
  const bool there = changed_.wait_for(
      hold, patience, [&] { return started_.contains(id) || ended_.contains(id) || gone_; });
  EXPECT_TRUE(there && started_.contains(id)) << "never started";
  return started_.contains(id) ? started_[id] : 0;
}

process_ended running_spawner::ended(attempt_id id) {
  std::unique_lock hold(guard_);
  const bool there =
      changed_.wait_for(hold, patience, [&] { return ended_.contains(id) || gone_; });
  EXPECT_TRUE(there && ended_.contains(id)) << "never ended";
  return ended_.contains(id) ? ended_[id] : process_ended{};
}

bool running_spawner::has_ended(attempt_id id) {
  const std::lock_guard hold(guard_);
  return ended_.contains(id);
}

process_ended running_spawner::run(const start& what) {
  send(what);
  return ended(what.id);
}

bool running_spawner::gone() {
  std::unique_lock hold(guard_);
  return changed_.wait_for(hold, patience, [&] { return gone_; });
}

end_reason why(const process_ended& e) { return static_cast<end_reason>(e.why); }

}  // namespace fabric::spawner::testing

#include "actors/node/report_door.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "actors/spawner/unique_fd.hpp"

namespace fabric::actors {

namespace {

using spawner::unique_fd;

constexpr const char* socket_name = "report.sock";

std::string reason(int number) { return std::generic_category().message(number); }

/// The address of a socket in an open folder: a path of any length would not fit.
sockaddr_un address_in(const unique_fd& folder, const std::string& name) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  const auto path = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + name;
  std::memcpy(at.sun_path, path.data(), std::min(path.size(), sizeof at.sun_path - 1));
  return at;
}

const sockaddr* as_address(const sockaddr_un& at) { return reinterpret_cast<const sockaddr*>(&at); }

unique_fd open_folder(const std::string& path) {
  return unique_fd{::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
}

struct caller {
  unique_fd line;
  std::string said;
  bool has_spoken = false;
};

}  // namespace

struct report_door::parts {
  unique_fd folder;
  unique_fd entrance;
  unique_fd bell;  ///< rung where there are answers, or all is over
  listener to;
  std::mutex guard;
  std::vector<std::pair<std::uint64_t, std::string>> answers;
  bool closing = false;
  std::map<std::uint64_t, caller> callers{};  ///< the thread's
  std::uint64_t last_caller = 0;
  std::thread thread{};

  void ring() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto sent = ::write(bell.get(), &one, sizeof one);
  }

  void run() {
    for (;;) {
      std::vector<pollfd> watched = {{bell.get(), POLLIN, 0}};
      const bool is_full = callers.size() >= callers_max;
      watched.push_back({is_full ? -1 : entrance.get(), POLLIN, 0});
      std::vector<std::uint64_t> who;
      for (const auto& [id, one] : callers) {
        watched.push_back({one.line.get(), POLLIN, 0});
        who.push_back(id);
      }
      if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
      if (watched[0].revents != 0 && !hand_out()) return;
      for (std::size_t i = 0; i < who.size(); ++i)
        if (watched[i + 2].revents != 0) hear(who[i]);
      if (watched[1].revents != 0) let_in();
    }
  }

  /// False where all is over.
  bool hand_out() {
    std::uint64_t rings = 0;
    [[maybe_unused]] const auto got = ::read(bell.get(), &rings, sizeof rings);
    std::vector<std::pair<std::uint64_t, std::string>> now;
    {
      const std::scoped_lock lock(guard);
      if (closing) return false;
      now.swap(answers);
    }
    for (const auto& [id, line] : now) {
      const auto found = callers.find(id);
      if (found == callers.end()) continue;
      // A line is smaller than the socket's buffer.
      [[maybe_unused]] const auto sent =
          ::send(found->second.line.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      lose(id);
    }
    return true;
  }

  void let_in() {
    unique_fd line{::accept4(entrance.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (line) callers[++last_caller].line = std::move(line);
  }

  void hear(std::uint64_t id) {
    const auto found = callers.find(id);
    if (found == callers.end()) return;
    auto& one = found->second;
    std::array<char, 1024> part{};
    const auto got = ::recv(one.line.get(), part.data(), part.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0 || one.has_spoken) return lose(id);
    one.said.append(part.data(), static_cast<std::size_t>(got));
    const auto end = one.said.find('\n');
    if (end == std::string::npos) {
      if (one.said.size() > line_max) lose(id);
      return;
    }
    one.has_spoken = true;
    to.spoke(id, one.said.substr(0, end));
  }

  void lose(std::uint64_t id) {
    const auto found = callers.extract(id);
    if (!found.empty() && found.mapped().has_spoken) to.hung_up(id);
  }
};

result<std::unique_ptr<report_door>> report_door::open(const std::string& folder, listener to) {
  const auto failed = [&folder] {
    return fault{fault_code::store_failed,
                 "trials on this node cannot report: no socket in " + folder + ": " + reason(errno),
                 "use a state directory on a local disk"};
  };
  auto made = std::make_unique<parts>();
  made->to = std::move(to);
  made->folder = open_folder(folder);
  if (!made->folder) return failed();
  made->entrance = unique_fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  made->bell = unique_fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  if (!made->entrance || !made->bell) return failed();
  ::unlinkat(made->folder.get(), socket_name, 0);
  const auto at = address_in(made->folder, socket_name);
  // Nobody can call before it listens, so nobody comes in by the rights that it has until then.
  if (::bind(made->entrance.get(), as_address(at), sizeof at) != 0 ||
      ::fchmodat(made->folder.get(), socket_name, S_IRUSR | S_IWUSR, 0) != 0 ||
      ::listen(made->entrance.get(), SOMAXCONN) != 0)
    return failed();
  made->thread = std::thread{[p = made.get()] { p->run(); }};
  return std::unique_ptr<report_door>{new report_door{std::move(made)}};
}

report_door::report_door(std::unique_ptr<parts> p) : parts_(std::move(p)) {}

report_door::~report_door() {
  {
    const std::scoped_lock lock(parts_->guard);
    parts_->closing = true;
  }
  parts_->ring();
  parts_->thread.join();
  ::unlinkat(parts_->folder.get(), socket_name, 0);
}

void report_door::answer(std::uint64_t caller, std::string line) {
  {
    const std::scoped_lock lock(parts_->guard);
    parts_->answers.emplace_back(caller, std::move(line) + "\n");
  }
  parts_->ring();
}

std::string report_path(const std::string& folder) { return folder + "/" + socket_name; }

result<std::string> say_at_door(const std::string& path, const std::string& line,
                                std::int64_t patience_ms) {
  const auto gone = [&path](const std::string& why) {
    return fault{fault_code::unreachable, "the node's daemon at " + path + " " + why,
                 "is this command one of a running trial?"};
  };
  const auto slash = path.rfind('/');
  const auto folder = open_folder(slash == std::string::npos ? "." : path.substr(0, slash));
  unique_fd to{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (!folder || !to) return gone("cannot be called: " + reason(errno));
  const auto at = address_in(folder, path.substr(slash + 1));
  if (::connect(to.get(), as_address(at), sizeof at) != 0)
    return gone("cannot be called: " + reason(errno));
  const auto words = line + "\n";
  if (::send(to.get(), words.data(), words.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(words.size()))
    return gone("does not listen: " + reason(errno));
  timespec since{};
  ::clock_gettime(CLOCK_MONOTONIC, &since);
  std::string answer;
  for (;;) {
    timespec at_now{};
    ::clock_gettime(CLOCK_MONOTONIC, &at_now);
    const auto passed_ms =
        (at_now.tv_sec - since.tv_sec) * 1000 + (at_now.tv_nsec - since.tv_nsec) / 1'000'000;
    const auto left = std::clamp<std::int64_t>(patience_ms - passed_ms, 0, 1'000'000'000);
    pollfd watched{to.get(), POLLIN, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0)
      return fault{fault_code::timeout_unknown,
                   "the search did not answer in time; whether it has the value is not known",
                   "is it running? Report the same value at the same step again"};
    std::array<char, 1024> part{};
    const auto got = ::recv(to.get(), part.data(), part.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return gone("has ended the conversation");
    answer.append(part.data(), static_cast<std::size_t>(got));
    if (const auto end = answer.find('\n'); end != std::string::npos) return answer.substr(0, end);
  }
}

}  // namespace fabric::actors

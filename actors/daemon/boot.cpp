#include "actors/daemon/boot.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <pthread.h>
#include <sodium.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>

#include "actors/daemon/daemon_log.hpp"
#include "actors/daemon/standard_output.hpp"
#include "resources/detect.hpp"

namespace fabric::daemon {

namespace {

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP}) sigaddset(&set, number);
  return set;
}

std::string lock_path(const std::string& state_dir) { return state_dir + "/daemon.lock"; }

std::set<std::string> own_addresses() {
  std::set<std::string> all;
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return all;
  for (auto* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr) continue;
    const int family = one->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) continue;
    std::array<char, NI_MAXHOST> text{};
    const socklen_t size = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    if (getnameinfo(one->ifa_addr, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      all.insert(text.data());
  }
  freeifaddrs(first);
  return all;
}

/// For loggers of spdlog.
class log_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit log_sink(int file) : log_(file) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    log_.write({line.data(), line.size()});
  }
  void flush_() override {}

  daemon_log log_;
};

}  // namespace

result<store::file_lock> lock_instance(const std::string& state_dir) {
  auto lock = store::file_lock::take(lock_path(state_dir));
  if (!lock && lock.error().code == fault_code::store_locked)
    lock.error().hint = "stop it with `fabricd stop --state-dir " + state_dir +
                        "`, or give this one another --state-dir or --name";
  return lock;
}

std::optional<int> pid_of_instance(const std::string& state_dir) {
  const int fd = open(lock_path(state_dir).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  const bool is_free = flock(fd, LOCK_SH | LOCK_NB) == 0;
  close(fd);
  if (is_free) return std::nullopt;
  int pid = 0;
  std::ifstream{lock_path(state_dir)} >> pid;
  if (pid <= 0) return std::nullopt;
  return pid;
}

void block_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void hide_memory() { prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

stop_kind wait_for_stop() {
  const sigset_t set = stop_signals();
  for (;;) {
    int number = 0;
    if (sigwait(&set, &number) == 0 && number != SIGHUP)
      return number == SIGQUIT ? stop_kind::now : stop_kind::drain;
  }
}

void drain(actors::worker& node) {
  auto drained = std::make_shared<std::promise<void>>();
  auto done = drained->get_future();
  node.drain(drain_patience, [drained] { drained->set_value(); });
  sigset_t set = stop_signals();
  sigdelset(&set, SIGHUP);
  const timespec slice{0, 20'000'000};
  const auto end = std::chrono::steady_clock::now() + drain_patience + std::chrono::seconds{5};
  while (std::chrono::steady_clock::now() < end) {
    if (done.wait_for(std::chrono::seconds{0}) == std::future_status::ready) return;
    if (sigtimedwait(&set, nullptr, &slice) > 0) return;
  }
}

contact make_contact() {
  auto told = std::make_shared<std::promise<result<transport::welcome>>>();
  auto outcome = told->get_future();
  return {[told](result<transport::welcome> what) { told->set_value(std::move(what)); },
          std::move(outcome)};
}

std::function<void(fault)> ending_daemon(int& exit_status) {
  return [&exit_status](const fault& why) {
    spdlog::critical("{}", to_line(why));
    exit_status = exit_status_of(why.code);
    stop_waiting();
  };
}

void stop_waiting() { kill(getpid(), SIGTERM); }

std::uint64_t random_number() {
  std::uint64_t number = 0;
  randombytes_buf(&number, sizeof number);
  return number;
}

result<void> check_own_address(const std::string& address) {
  const auto own = own_addresses();
  if (own.contains(address) || address == "0.0.0.0" || address == "::" || address == "localhost")
    return {};
  std::string known;
  for (const auto& one : own) known += (known.empty() ? "" : ", ") + one;
  return fault{fault_code::config, address + " is no address of this machine",
               "give --node-ip-address one of: " + known};
}

result<node_boot> survey(const start_options& how, node_id id) {
  if (!how.host.empty())
    if (auto ours = check_own_address(how.host); !ours) return std::move(ours).error();
  auto found = detect(this_machine());
  auto has = apply_overrides(std::move(found.has), how.resources);
  if (!has) return std::move(has).error();
  auto boot = boot_id();
  if (!boot) return std::move(boot).error();
  node_boot made{.notes = std::move(found.notes)};
  auto& facts = made.settings.facts;
  facts.id = id;
  facts.host = host_name();
  facts.name = how.name.empty() ? facts.host : how.name;
  facts.state_dir = how.state_dir;
  facts.worker_command = how.worker_command;
  std::error_code no_launcher;
  facts.launcher = std::filesystem::read_symlink("/proc/self/exe", no_launcher).string();
  facts.base_env = actors::inheritable(actors::own_environment());
  made.settings.has = std::move(*has);
  made.settings.incarnation = incarnation_id{random_number()};
  made.settings.boot_id = std::move(*boot);
  made.settings.seed = random_number();
  return made;
}

void log_as(const std::string& who, const start_options& how) {
  const bool keeps_stdout = how.foreground && how.as_json;
  if (!keeps_stdout) output_is_a_log();
  const int file = keeps_stdout ? STDERR_FILENO : STDOUT_FILENO;
  auto logger = std::make_shared<spdlog::logger>(who, std::make_shared<log_sink>(file));
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %n: %v");
  spdlog::set_default_logger(std::move(logger));
}

void log_to_stderr() {
  auto logger = spdlog::stderr_logger_mt("fabricd");
  logger->set_pattern("%n: %v");
  logger->set_level(spdlog::level::err);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace fabric::daemon

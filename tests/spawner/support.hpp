#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "actors/spawner/spawner.hpp"
#include "actors/spawner/unique_fd.hpp"
#include "transport/spawner_message.hpp"

/// What the tests of the spawner share: real processes, and waiting for them with deadlines.
namespace fabric::spawner::testing {

using namespace std::chrono_literals;
using transport::spawner::end_reason;
using transport::spawner::process_ended;
using transport::spawner::start;

/// Long enough for a loaded machine; only a broken spawner lets it pass.
inline constexpr auto patience = 30s;

attempt_id attempt(std::uint64_t job, std::uint32_t number = 1);

/// A shell script as a task, with a PATH and a FABRIC_ATTEMPT_ID made of its id and this process.
start a_script(attempt_id id, const std::string& text);
start a_program(attempt_id id, std::vector<std::string> argv);
std::string marker_of(attempt_id id);

/// Processes (zombies left out) whose environment or command line holds the text.
std::vector<pid_t> processes_with(const std::string& text);

/// Waits until all these have ended. False at the deadline.
bool all_gone(const std::vector<pid_t>& pids, std::chrono::milliseconds wait);

std::size_t open_files_of(pid_t pid);
std::size_t zombies_below(pid_t parent);
std::string content_of(const std::filesystem::path& file);

/// A folder of one test, and named pipes in it by which tasks tell how far they are.
class scratch_folder {
 public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }

 private:
  std::filesystem::path root_;
};

/// A named pipe. A task writes a line (`echo up > PATH`) or waits for one (`read x < PATH`).
class signpost {
 public:
  explicit signpost(std::string path);
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Waits for this many lines. False at the deadline.
  bool passed(std::size_t lines = 1);
  void release();  ///< lets one waiting task go on

 private:
  std::string path_;
  unique_fd file_;
};

/// A launched spawner whose messages are collected by a reader thread.
class running_spawner {
 public:
  explicit running_spawner(const options& how = {});
  ~running_spawner();
  running_spawner(const running_spawner&) = delete;
  running_spawner& operator=(const running_spawner&) = delete;

  fabric::spawner::link& operator*() { return *link_; }
  fabric::spawner::link* operator->() { return &*link_; }

  void send(const transport::spawner::message& m);
  /// Waits; fails the test at the deadline and answers an empty message then.
  std::int32_t started(attempt_id id);
  process_ended ended(attempt_id id);
  process_ended run(const start& what);
  bool gone();  ///< waits until `receive` has answered nothing
  [[nodiscard]] bool has_ended(attempt_id id);

 private:
  std::optional<fabric::spawner::link> link_;
  std::thread reader_;
  std::mutex guard_;
  std::condition_variable changed_;
  std::map<attempt_id, std::int32_t> started_;
  std::map<attempt_id, process_ended> ended_;
  bool gone_ = false;
};

end_reason why(const process_ended& e);

}  // namespace fabric::spawner::testing

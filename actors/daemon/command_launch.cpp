#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "actors/daemon/command.hpp"
#include "actors/daemon/print.hpp"
#include "actors/head_connection.hpp"
#include "actors/program/worker_environment.hpp"
#include "actors/runtime.hpp"
#include "transport/digest.hpp"

/// `fabricd worker-launch`: what a node starts for a program's worker. It fetches the program where
/// the node has no copy, and becomes it.
namespace fabric::daemon {

namespace {

namespace fs = std::filesystem;

constexpr duration piece_patience = std::chrono::seconds{30};

fault cannot(const std::string& what, const std::string& path) {
  const int why = errno;
  return {why == ENOSPC ? fault_code::store_full : fault_code::store_failed,
          "cannot " + what + " " + path + ": " + std::strerror(why),
          "look after the disk of the node"};
}

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

result<void> write_all(int fd, const std::string& path, std::string_view data) {
  while (!data.empty()) {
    const auto done = ::write(fd, data.data(), data.size());
    if (done < 0) return cannot("write", path);
    data.remove_prefix(static_cast<std::size_t>(done));
  }
  return {};
}

/// Piece by piece into `path`; the hash of what came.
result<std::string> fetch_into(const std::string& path, const std::string& hash,
                               const actors::worker_environment& who) {
  auto process = actors::runtime::start(1);
  if (!process) return std::move(process).error();
  actors::head_connection head(**process, who.head);
  const descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700));
  if (file.get() < 0) return cannot("make", path);
  transport::digest sum;
  for (std::uint64_t offset = 0, total = 1; offset < total;) {
    auto answer = head.call(transport::blob_read{.hash = hash, .offset = offset}, piece_patience);
    if (!answer) return std::move(answer).error();
    const auto* piece = std::get_if<transport::blob_part>(&*answer);
    if (piece == nullptr || piece->offset != offset || piece->data.empty())
      return fault{fault_code::bad_message, "the head gave something else than the program", ""};
    if (auto done = write_all(file.get(), path, piece->data); !done) return done.error();
    sum.add(piece->data);
    total = piece->total;
    offset += piece->data.size();
  }
  return sum.finish();
}

/// The node's copy; made where there is none.
result<std::string> program_with(const std::string& hash, const actors::worker_environment& who) {
  const std::string path = who.programs + "/" + transport::to_hex(hash);
  std::error_code ignored;
  if (fs::exists(path, ignored)) return path;
  fs::create_directories(who.programs, ignored);
  const std::string part = path + "." + std::to_string(::getpid());
  auto came = fetch_into(part, hash, who);
  if (came && *came != hash)
    came =
        fault{fault_code::bad_message, "the program that came has another hash than was asked for",
              "its copy at the head is damaged: remove it there"};
  if (came && ::rename(part.c_str(), path.c_str()) != 0) came = cannot("name", part);
  if (!came) {
    ::unlink(part.c_str());
    return came.error();
  }
  return path;
}

int become(const std::string& path, const std::string& name, const std::vector<std::string>& rest) {
  std::vector<char*> words{const_cast<char*>(name.c_str())};
  for (const auto& word : rest) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execv(path.c_str(), words.data());
  const bool is_foreign = errno == ENOEXEC;
  return complain(is_foreign
                      ? fault{fault_code::unsupported,
                              "the program " + name + " is not for this machine's architecture",
                              "start this node with --worker and a program built for it"}
                      : cannot("run", path));
}

}  // namespace

runner add_launch(CLI::App& app, const tail& command) {
  struct options {
    std::string hash;
    std::string name;
  };
  auto chosen = std::make_shared<options>();
  auto* sub = app.add_subcommand("worker-launch", "fetches a program and becomes it (for nodes)");
  sub->group("");
  sub->add_option("--program", chosen->hash, "hash of the program")->required();
  sub->add_option("--name", chosen->name, "its name")->required();
  return [chosen, &command] {
    const auto hash = transport::from_hex(chosen->hash, transport::digest_bytes);
    if (!hash) return complain(hash.error());
    auto who = actors::read_worker_environment();
    if (!who) return complain(who.error());
    auto path = program_with(*hash, *who);
    if (!path) return complain(path.error());
    return become(*path, chosen->name, command.words);
  };
}

}  // namespace fabric::daemon

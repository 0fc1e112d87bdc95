#include "actors/node/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "transport/codec.hpp"

namespace fabric::actors {

namespace fs = std::filesystem;

spool::spool(std::string folder) : folder_(std::move(folder)) {
  std::error_code ignored;
  fs::create_directories(folder_, ignored);
}

std::string spool::path_of(attempt_id id) const {
  return folder_ + "/" + std::to_string(id.task.job.value) + "." + std::to_string(id.task.index) +
         "." + std::to_string(id.attempt);
}

result<void> spool::keep(const transport::report& what) {
  std::string frame;
  transport::append(frame, {}, what);
  const auto path = path_of(what.id);
  const auto aside = path + ".new";
  const int fd = open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written =
      fd >= 0 && write(fd, frame.data(), frame.size()) == static_cast<ssize_t>(frame.size()) &&
      fdatasync(fd) == 0;
  const int cause = errno;
  if (fd >= 0) close(fd);
  if (written && rename(aside.c_str(), path.c_str()) == 0) return {};
  unlink(aside.c_str());
  return fault{cause == ENOSPC ? fault_code::store_full : fault_code::store_failed,
               "cannot keep the report of " + to_string(what.id) + " in " + folder_ + ": " +
                   std::strerror(cause),
               "make room on the disk"};
}

void spool::drop(attempt_id id) { unlink(path_of(id).c_str()); }

std::vector<transport::report> spool::load(std::size_t& damaged) {
  std::vector<transport::report> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream content;  // an iterator over the buffer throws where the disk fails
    content << file.rdbuf();
    if (content.bad()) {  // it may be readable another time
      ++damaged;
      continue;
    }
    const std::string bytes = std::move(content).str();
    auto messages = transport::decode(std::as_bytes(std::span{bytes}));
    const transport::report* report = nullptr;
    if (messages && messages->size() == 1)
      if (auto* envelope = std::get_if<transport::envelope>(&messages->front()))
        report = std::get_if<transport::report>(&envelope->body);
    if (report != nullptr) {
      found.push_back(*report);
    } else {
      ++damaged;
      fs::remove(entry.path(), ignored);
    }
  }
  return found;
}

}  // namespace fabric::actors

#include "actors/daemon/state_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace fabric::daemon {

namespace fs = std::filesystem;

namespace {

fault from_errno(const std::string& what, int cause) {
  const auto code = cause == ENOSPC || cause == EDQUOT ? fault_code::store_full
                    : cause == EIO                     ? fault_code::store_failed
                                                       : fault_code::config;
  return {code, what + ": " + std::strerror(cause),
          code == fault_code::store_full ? "make room on the disk" : "choose another --state-dir"};
}

}  // namespace

std::string state_home() {
  const char* xdg = std::getenv("XDG_STATE_HOME");
  if (xdg != nullptr && *xdg == '/') return std::string{xdg} + "/fabric";
  const char* home = std::getenv("HOME");
  return std::string{home != nullptr && *home == '/' ? home : "/var/lib"} + "/.local/state/fabric";
}

std::string state_dir_for(const std::string& given, const std::string& name,
                          const std::string& otherwise) {
  if (!given.empty()) return fs::absolute(given).lexically_normal().string();
  return state_home() + "/" + (name.empty() ? otherwise : name);
}

result<void> prepare_state_dir(const std::string& path) {
  std::error_code failed;
  const auto parent = fs::path{path}.parent_path();
  fs::create_directories(parent, failed);
  if (failed) return from_errno("cannot make " + parent.string(), failed.value());
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return from_errno("cannot make the state directory " + path, errno);
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0)
    return from_errno("cannot look at the state directory " + path, errno);
  if (!S_ISDIR(facts.st_mode))
    return fault{fault_code::config, path + " is not a folder", "choose another --state-dir"};
  if (facts.st_uid != geteuid())
    return fault{fault_code::config, "the state directory " + path + " belongs to another user",
                 "choose another --state-dir"};
  if ((facts.st_mode & 077) != 0 && chmod(path.c_str(), 0700) != 0)
    return from_errno("cannot close the state directory " + path + " to others", errno);
  if (access(path.c_str(), W_OK | X_OK) != 0)
    return from_errno("cannot write to the state directory " + path, errno);
  return {};
}

result<void> write_secret_file(const std::string& path, const std::string& content) {
  const auto aside = path + ".new";
  unlink(aside.c_str());
  const int fd = open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return from_errno("cannot write " + path, errno);
  const bool written =
      write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      fsync(fd) == 0;
  const int cause = errno;
  close(fd);
  if (!written) {
    unlink(aside.c_str());
    return from_errno("cannot write " + path, cause);
  }
  if (rename(aside.c_str(), path.c_str()) != 0) return from_errno("cannot write " + path, errno);
  return {};
}

result<std::string> read_secret_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    if (errno == ENOENT) return fault{fault_code::not_found, "there is no file " + path, ""};
    if (errno == ELOOP)
      return fault{fault_code::config, path + " is a symbolic link", "name the file itself"};
    return from_errno("cannot read " + path, errno);
  }
  struct stat facts {};
  fstat(fd, &facts);
  if (facts.st_uid != geteuid() || (facts.st_mode & 077) != 0) {
    close(fd);
    return fault{fault_code::config, path + " holds keys but other users may read it",
                 "chmod 600 " + path};
  }
  std::string content(static_cast<std::size_t>(facts.st_size), '\0');
  const auto got = read(fd, content.data(), content.size());
  close(fd);
  if (got < 0) return from_errno("cannot read " + path, errno);
  content.resize(static_cast<std::size_t>(got));
  return content;
}

}  // namespace fabric::daemon

#include "actors/daemon/state_dir.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
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

constexpr mode_t open_to_others = 077;
constexpr std::size_t name_length_max = 128;

/// Makes the folder, unless it exists; answers its mode. Faults: config where it is not ours to
/// use.
result<mode_t> own_folder(const std::string& path) {
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
  if (access(path.c_str(), R_OK | W_OK | X_OK) != 0)
    return from_errno("cannot write to the state directory " + path, errno);
  return facts.st_mode;
}

result<void> close_to_others(const std::string& path, mode_t mode) {
  if ((mode & open_to_others) != 0 && chmod(path.c_str(), 0700) != 0)
    return from_errno("cannot close the state directory " + path + " to others", errno);
  return {};
}

enum class content { nothing, instance, other };

/// What a folder holds. The log of a start that came no further, and what a new disk has in it,
/// count as nothing.
result<content> content_of(const std::string& path) {
  std::error_code failed;
  auto found = content::nothing;
  for (fs::directory_iterator it{path, failed}, end; !failed && it != end; it.increment(failed)) {
    const auto name = it->path().filename().string();
    if (name == "keys.json" || name == "daemon.lock" || name == "store.db")
      return content::instance;
    if (name != "daemon.log" && name != "lost+found") found = content::other;
  }
  if (failed) return from_errno("cannot list the state directory " + path, failed.value());
  return found;
}

}  // namespace

std::string instance_name_rule(const std::string& name) {
  const bool is_word = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (std::isalnum(c) != 0 && c < 0x80) || c == '.' || c == '_' || c == '-';
  });
  if (is_word && !name.empty() && name.size() <= name_length_max && name != "." && name != "..")
    return {};
  return "'" + name + "' is no name (1 to 128 letters, digits, . _ or -; not just . or ..)";
}

result<std::string> state_home_by(const char* xdg_state_home, const char* home) {
  const auto in = [](const std::string& base, const char* folder) {
    return (fs::path{base} / folder).lexically_normal().string();
  };
  if (xdg_state_home != nullptr && *xdg_state_home == '/') return in(xdg_state_home, "fabric");
  if (home != nullptr && *home == '/') return in(home, ".local/state/fabric");
  const bool is_set = home != nullptr && *home != '\0';
  return fault{fault_code::config,
               "where to keep state is not known: HOME is " +
                   (is_set ? "'" + std::string{home} + "', no absolute path" : "not set"),
               "set HOME or XDG_STATE_HOME, or name every file: --state-dir, --cluster, --storage"};
}

result<std::string> state_home() {
  return state_home_by(std::getenv("XDG_STATE_HOME"), std::getenv("HOME"));
}

result<std::string> state_dir_for(const std::string& given, const std::string& name,
                                  const std::string& otherwise) {
  if (!given.empty()) {
    const auto path = fs::absolute(given).lexically_normal();
    return (path.has_filename() ? path : path.parent_path()).string();
  }
  auto home = state_home();
  if (!home) return home;
  return *home + "/" + (name.empty() ? otherwise : name);
}

namespace {

result<void> prepare_folder(const std::string& path) {
  auto mode = own_folder(path);
  if (!mode) return std::move(mode).error();
  return close_to_others(path, *mode);
}

}  // namespace

result<void> prepare_home_folder(const std::string& path) {
  auto home = state_home();
  if (!home) return std::move(home).error();
  auto made = prepare_folder(*home);
  if (made && path != *home) made = prepare_folder(path);
  if (!made && made.error().code == fault_code::config)
    made.error().hint = "make it yours, or set XDG_STATE_HOME to a folder that is";
  return made;
}

result<void> prepare_state_dir(const std::string& path) {
  if (const auto home = state_home(); home && fs::path{path}.parent_path() == *home)
    if (auto made = prepare_folder(*home); !made) return made;
  auto mode = own_folder(path);
  if (!mode) return std::move(mode).error();
  auto held = content_of(path);
  if (!held) return std::move(held).error();
  switch (*held) {
    case content::nothing: return close_to_others(path, *mode);
    case content::instance: break;
    case content::other:
      return fault{fault_code::config, "the folder " + path + " holds other things and no instance",
                   "name a new or an empty folder with --state-dir"};
  }
  if ((*mode & open_to_others) != 0)
    return fault{fault_code::config,
                 "the state directory " + path + " holds keys but is open to other users",
                 "look whether somebody used them, then chmod 700 " + path};
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
  if (!S_ISREG(facts.st_mode)) {
    close(fd);
    return fault{fault_code::config, path + " is no file", "name the file itself"};
  }
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

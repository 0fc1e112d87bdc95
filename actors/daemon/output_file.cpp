#include "actors/daemon/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace fabric::daemon {

namespace {

namespace fs = std::filesystem;

fault cannot_write(const std::string& path, int why) {
  const std::string what = "cannot write " + path + ": ";
  const auto folder = fs::path(path).parent_path().string();
  if (why == ENOENT)
    return {fault_code::not_found,
            what + (folder.empty() ? "no such file" : "the folder " + folder + " does not exist"),
            "make the folder, or name another file"};
  const bool is_full = why == ENOSPC || why == EDQUOT;
  return {is_full ? fault_code::store_full : fault_code::store_failed,
          what + std::generic_category().message(why),
          is_full ? "make room, or name another file" : "check the path and its permissions"};
}

/// 0, or errno.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto put = ::write(file, text.data(), text.size());
    if (put < 0 && errno != EINTR) return errno;
    if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

int write_and_close(int file, std::string_view text, bool to_disk) {
  int why = write_all(file, text);
  if (why == 0 && to_disk && ::fsync(file) != 0) why = errno;
  if (::close(file) != 0 && why == 0) why = errno;
  return why;
}

result<void> write_in_place(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return cannot_write(path, errno);
  if (const int why = write_and_close(file, text, false)) return cannot_write(path, why);
  return {};
}

/// What the file will be open to: as it was, or as any new one.
mode_t mode_for(const struct stat* old) {
  if (old != nullptr) return old->st_mode & 07777;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

}  // namespace

result<void> write_output_file(const std::string& path, const std::string& text) {
  struct stat facts {};
  const bool exists = ::stat(path.c_str(), &facts) == 0;
  if (exists && S_ISDIR(facts.st_mode)) return cannot_write(path, EISDIR);
  if (exists && !S_ISREG(facts.st_mode)) return write_in_place(path, text);
  if (exists && ::access(path.c_str(), W_OK) != 0) return cannot_write(path, errno);

  std::error_code none;
  const auto target = exists ? fs::canonical(path, none).string() : path;  // a link stays one
  std::string aside = target + ".XXXXXX";
  const int file = ::mkostemp(aside.data(), O_CLOEXEC);
  if (file < 0) return cannot_write(path, errno);
  int why = ::fchmod(file, mode_for(exists ? &facts : nullptr)) != 0 ? errno : 0;
  if (const int failed = write_and_close(file, text, true)) why = failed;
  if (why == 0 && ::rename(aside.c_str(), target.c_str()) != 0) why = errno;
  if (why == 0) return {};
  ::unlink(aside.c_str());
  return cannot_write(path, why);
}

}  // namespace fabric::daemon

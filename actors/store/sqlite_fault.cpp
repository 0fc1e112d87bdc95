#include "actors/store/sqlite_fault.hpp"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace fabric::store::sqlite {

namespace {

bool is_flush(int code) { return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC; }

bool is_out_of_space(int os_error) { return os_error == ENOSPC || os_error == EDQUOT; }

fault_code code_of(int code, int os_error) {
  switch (code & 0xff) {
    case SQLITE_FULL: return fault_code::store_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fault_code::store_locked;
    case SQLITE_NOTADB: return fault_code::bad_message;
    case SQLITE_CONSTRAINT: return fault_code::internal;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      if (is_out_of_space(os_error) && !is_flush(code)) return fault_code::store_full;
      return fault_code::store_failed;
    default: return fault_code::store_failed;
  }
}

std::string_view hint_of(int code, fault_code meaning) {
  switch (meaning) {
    case fault_code::store_full: return "free some space on its disk";
    case fault_code::store_locked:
      return "another program is writing to it: try again, or end that program";
    case fault_code::bad_message: return "name another file";
    case fault_code::internal: return "the rows break a rule of ours: report it";
    default: break;
  }
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
      return "restore a backup, or save what is left with: sqlite3 FILE .recover";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN: return "check the path and the permissions of the file and its folder";
    case SQLITE_IOERR: return "check the disk: dmesg, smartctl";
    default: return "";
  }
}

}  // namespace

fault fault_of(int code, int os_error, std::string_view path, std::string_view said) {
  const fault_code meaning = code_of(code, os_error);
  std::string detail = "store ";
  detail.append(path).append(": ").append(said);
  detail.append(" (").append(std::to_string(code)).append(")");
  if (os_error != 0) detail.append(": ").append(std::strerror(os_error));
  return {meaning, std::move(detail), std::string(hint_of(code, meaning))};
}

}  // namespace fabric::store::sqlite

#pragma once

#include <string>
#include <string_view>

#include "fabric/fault.hpp"

namespace fabric::store::sqlite {

/// What an SQLite error means to our callers. `code` is the extended result code, `os_error` the
/// errno behind it or 0, `said` the message of the library.
///
/// A full disk is store_full (nothing was stored) except where a flush failed: a failed flush may
/// have stored everything, so it is store_failed (outcome unknown) whatever the errno. A row that
/// breaks a constraint is a mistake of ours, internal: callers expect collisions with ON CONFLICT.
fault fault_of(int code, int os_error, std::string_view path, std::string_view said);

}  // namespace fabric::store::sqlite

#pragma once

#include <caf/message.hpp>
#include <caf/type_erased_tuple.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fabric/ids.hpp"

namespace fabric::actors {

/// A message's values as bytes, and what they are: the names of their types in CAF, each after a
/// plus ("+@i32+@str").
struct packed_content {
  std::string types;
  std::string values;
};

/// Faults, as CAF has them: unknown_type, and what the values' own inspection answers. Never throws
/// what that throws: it is an error too.
caf::expected<packed_content> pack(const caf::type_erased_tuple& what, caf::execution_unit& context,
                                   program_id local);

/// Makes messages of such bytes. Remembers what the names stand for. Not thread-safe.
class content_reader {
 public:
  static constexpr std::size_t known_max = 10'000;

  content_reader(caf::execution_unit& context, program_id local)
      : context_(context), local_(local) {}

  caf::expected<caf::message> unpack(std::string_view types, std::string_view values);

 private:
  using maker = std::function<caf::type_erased_value_ptr()>;
  caf::expected<const std::vector<maker>*> makers(std::string_view types);

  caf::execution_unit& context_;
  program_id local_;
  std::unordered_map<std::string, std::vector<maker>> known_;
};

/// An exit reason as bytes, and back: `unknown` where they cannot be read.
std::string pack(const caf::error& reason, caf::execution_unit& context, program_id local);
caf::error unpack_reason(std::string_view bytes, caf::execution_unit& context, program_id local);

}  // namespace fabric::actors

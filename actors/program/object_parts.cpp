#include "actors/program/object_parts.hpp"

#include "actors/api/object_house.hpp"

namespace fabric::actors {

namespace {

namespace program = transport::program;

/// No honest program asks for more at a time.
constexpr std::uint64_t part_bytes_max = 4 << 20;

result<std::string> bytes_of(const program::object_ask& what) {
  const auto id = id_of(what.which);
  const auto body = detail::object_house::here().known(id);
  if (!body || !body->is_here()) return fault{fault_code::not_found, lost_with(id).what, ""};
  if (what.bytes > part_bytes_max || what.offset > body->size ||
      what.bytes > body->size - what.offset)
    return fault{fault_code::usage, "a part that is none was asked for", ""};
  try {
    const auto there = body->map(detail::without_limit);
    // NOLINTNEXTLINE(*-reinterpret-cast): bytes as characters
    return std::string{reinterpret_cast<const char*>(there.bytes.data()) + what.offset,
                       static_cast<std::size_t>(what.bytes)};
  } catch (const error& e) {
    return fault{e.code(), e.message(), ""};
  }
}

}  // namespace

program::object_name name_of(const object_id& id) { return {id.high, id.low}; }
object_id id_of(const program::object_name& name) { return {name.high, name.low}; }

failure lost_with(const object_id& id) {
  return {.kind = error_kind::object_lost,
          .what = "the object " + to_string(id) +
                  " is gone: the last process that had it has ended; put it again"};
}

program::object_part part_of(const program::object_ask& what) {
  program::object_part answer{what.which, what.offset, {}, {}};
  auto bytes = bytes_of(what);
  if (bytes)
    answer.bytes = std::move(*bytes);
  else
    answer.why = std::move(bytes.error());
  return answer;
}

}  // namespace fabric::actors

#include "actors/api/packed_call.hpp"

#include "actors/api/invoke.hpp"
#include "fabric/detail_call.hpp"

namespace fabric::detail {

namespace {

/// Of all arguments together: a copy of so much takes less than a message does.
constexpr std::size_t at_once_max = 1 << 20;

packed_call pack_with(writer& to, const state_base& call, std::uint64_t self, large_values large) {
  packed_call made;
  packing_for_others packs(self, large);
  try {
    call.pack_arguments(to);
    made.arguments = to.take();
  } catch (...) {
    made.why_not = caught_packing(error_kind::bad_arguments, "its arguments cannot be packed");
    if (const auto* of = call.function()) made.why_not->function = of->name;
  }
  made.objects = packs.take();
  return made;
}

}  // namespace

std::optional<packed_call> pack_at_once(const state_base& call, std::uint64_t self) {
  auto to = writer::bounded(at_once_max);
  auto made = pack_with(to, call, self, large_values::give_up);
  if (to.has_given_up()) return std::nullopt;
  return made;
}

packed_call pack_to_stay(const state_base& call) {
  writer to;
  return pack_with(to, call, 0, large_values::stay);
}

packed_call pack_whole(const state_base& call, std::uint64_t self) {
  writer to;
  return pack_with(to, call, self, large_values::become_objects);
}

}  // namespace fabric::detail

#include "actors/caf_bridge/letter.hpp"

#include <limits>

namespace fabric::actors::letter {

namespace {

constexpr std::size_t stages_max = 1000;
constexpr auto any_number = std::numeric_limits<std::uint64_t>::max();

void write(writer& out, const actor_ref& what) {
  out.natural(what.id);
  if (what.id != 0) out.natural(what.where.value);
}

actor_ref read_ref(reader& in) {
  actor_ref what;
  what.id = in.natural(any_number);
  if (what.id != 0) what.where.value = in.natural(any_number);
  return what;
}

void put(writer&, const greeting&) {}
void put(writer& out, const delivery& what) {
  out.natural(what.to);
  out.natural(what.number);
  write(out, what.sender);
  out.natural(what.stages.size());
  for (const auto& one : what.stages) write(out, one);
  out.bytes(what.types);
  out.bytes(what.values);
}
void put(writer& out, const watch& what) { out.natural(what.actor); }
void put(writer& out, const ended& what) {
  out.natural(what.actor);
  out.bytes(what.reason);
}
void put(writer& out, const link& what) {
  out.natural(what.own);
  out.natural(what.yours);
  out.boolean(what.is_linked);
}
void put(writer& out, const moved& what) {
  out.natural(what.asker);
  out.natural(what.number);
  out.natural(what.to.value);
}

delivery read_delivery(reader& in) {
  delivery what;
  what.to = in.natural(any_number);
  what.number = in.natural(any_number);
  what.sender = read_ref(in);
  for (auto left = in.natural(stages_max); left > 0 && in.ok(); --left)
    what.stages.push_back(read_ref(in));
  what.types = in.bytes();
  what.values = in.bytes();
  return what;
}

}  // namespace

void write(writer& out, const any& what) {
  out.natural(what.index());
  std::visit([&](const auto& one) { put(out, one); }, what);
}

any read(reader& in) {
  switch (in.natural(std::variant_size_v<any> - 1)) {
    case 1: return read_delivery(in);
    case 2: return watch{in.natural(any_number)};
    case 3: {
      const auto actor = in.natural(any_number);
      return ended{actor, in.bytes()};
    }
    case 4: {
      const auto own = in.natural(any_number);
      const auto yours = in.natural(any_number);
      return link{own, yours, in.boolean()};
    }
    case 5: {
      const auto asker = in.natural(any_number);
      const auto number = in.natural(any_number);
      return moved{asker, number, program_id{in.natural(any_number)}};
    }
    default: return greeting{};
  }
}

}  // namespace fabric::actors::letter

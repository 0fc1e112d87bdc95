#include "actors/caf_bridge/name_target.hpp"

#include <algorithm>
#include <limits>

#include "fabric/reader.hpp"
#include "fabric/writer.hpp"

namespace fabric::actors {

namespace {

constexpr std::string_view mark = "caf.actor";
constexpr std::size_t interface_max = 10'000;

}  // namespace

std::string to_bytes(const name_target& what) {
  writer w;
  w.bytes(mark);
  w.natural(what.id);
  w.natural(what.interface.size());
  for (const auto& one : what.interface) w.bytes(one);
  return w.take();
}

std::optional<name_target> name_target_of(std::string_view bytes) {
  reader in{bytes};
  if (in.bytes() != mark) return std::nullopt;
  name_target what;
  what.id = in.natural(std::numeric_limits<std::uint64_t>::max());
  for (auto left = in.natural(interface_max); left > 0 && in.ok(); --left)
    what.interface.emplace(in.bytes());
  in.finish();
  if (!in.ok() || what.id == 0) return std::nullopt;
  return what;
}

std::optional<std::string> mismatch(const std::set<std::string>& theirs,
                                    const std::set<std::string>& wanted) {
  if (wanted.empty())
    return theirs.empty() ? std::nullopt
                          : std::optional<std::string>{"it is typed, and a caf::actor was wanted"};
  if (theirs.empty()) return "it is not typed";
  const auto missing =
      std::ranges::find_if(wanted, [&](const std::string& one) { return !theirs.contains(one); });
  if (missing == wanted.end()) return std::nullopt;
  return "it does not take " + *missing;
}

}  // namespace fabric::actors

#include "scheduler/tuner/space_change.hpp"

#include <algorithm>

#include "scheduler/tuner/choice_list.hpp"

namespace fabric::tuner {

namespace {

fault changed(const parameter& was, const parameter& now, const std::string& what,
              std::string remedy) {
  return parameter_fault(now.name,
                         what + ": it was declared " + to_string(was) + ", now " + to_string(now),
                         std::move(remedy) + ", or choose another study name");
}

}  // namespace

result<void> check_change(std::span<const parameter> was, std::span<const parameter> now) {
  for (const auto& p : now) {
    const auto old = std::ranges::find(was, p.name, &parameter::name);
    if (old == was.end()) continue;
    if (old->over.index() != p.over.index())
      return changed(*old, p, "a study cannot change its kind", "keep the kind");
    if (is_category(p) && old->over != p.over)
      return changed(*old, p, "a study cannot change its choices",
                     "keep the choices in their order");
  }
  return {};
}

}  // namespace fabric::tuner

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "scheduler/tuner/space.hpp"

/// Whatever parses reads back as itself, and its points, ranks, values and keys agree.
namespace {

using namespace fabric::tuner;

void require(bool claim) {
  if (!claim) std::abort();
}

void visit_rank(const space& s, std::uint64_t rank) {
  const auto p = s.at(rank);
  require(s.contains(p));
  require(s.rank_of(p) == rank);
  const auto i = p.size() - 1;
  const auto v = s.value_of(p, i);
  require(s.coordinate_of(v, i) == p[i]);
  const auto text = s.text_of(p, i);
  require(!s.json_of(p).empty() && !canonical_key(s, p).empty());
  if (const auto* real = std::get_if<double>(&v)) require(parse_double(text) == *real);
}

/// The parameter alone, or after a parent that has the values of its condition and no others, so
/// that it is part of each point. Nothing where there can be no such parent.
std::optional<space> space_with(const parameter& p) {
  std::vector<parameter> all;
  if (p.only_if) {
    all.push_back({p.only_if->parent, category{p.only_if->values}});
    const bool is_possible = p.only_if->is == condition::relation::among &&
                             p.only_if->parent != p.name && check(all.front());
    if (!is_possible) return std::nullopt;
  }
  all.push_back(p);
  auto s = space::make(std::move(all));
  require(s.has_value());
  return *std::move(s);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto p = parse_parameter(text);
  if (!p) {
    require(!p.error().detail.empty() && p.error().detail.find('\n') == std::string::npos);
    return 0;
  }
  const auto again = parse_parameter(to_string(*p));
  require(again.has_value() && *again == *p);
  const auto s = space_with(*p);
  if (!s || !s->size()) return 0;
  const auto times = p->only_if ? p->only_if->values.size() : 1;
  require(*s->size() == times * *p->cardinality());
  const auto last = *s->size() - 1;
  for (const auto rank : {std::uint64_t{0}, last / 3, last / 2, last - (last > 0 ? 1 : 0), last})
    visit_rank(*s, rank);
  return 0;
}

#include <cstdint>
#include <cstdlib>
#include <string_view>

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
  const auto v = s.value_of(p, 0);
  require(s.coordinate_of(v, 0) == p[0]);
  const auto text = s.text_of(p, 0);
  require(!s.json_of(p).empty() && !canonical_key(s, p).empty());
  if (const auto* real = std::get_if<double>(&v)) require(parse_double(text) == *real);
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
  const auto s = space::make({*p});
  require(s.has_value());
  require(s->size() == p->cardinality());
  if (!s->size()) return 0;
  const auto last = *s->size() - 1;
  for (const auto rank : {std::uint64_t{0}, last / 3, last / 2, last - (last > 0 ? 1 : 0), last})
    visit_rank(*s, rank);
  return 0;
}

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>

#include "fabric/pack.hpp"

/// Whatever the bytes: a value or a fault, and a value that was read is read again as the same.
namespace {

struct tree {
  std::int32_t value = 0;
  std::vector<tree> children;
  std::unique_ptr<tree> next;
  std::variant<std::monostate, std::string, std::vector<double>> any;
  FABRIC_PACK(tree, value, children, next, any);
};

using everything = std::tuple<tree, std::map<std::string, std::optional<std::uint8_t>>,
                              std::array<std::int16_t, 2>, std::chrono::microseconds>;

template <class T>
void try_type(std::string_view bytes) {
  auto value = fabric::unpack<T>(bytes, {.depth = 50, .values = 100000});
  if (!value) return;
  const auto spelt = fabric::pack(*value);
  const auto again = fabric::unpack<T>(spelt);
  if (!again || fabric::pack(*again) != spelt) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(*-reinterpret-cast): bytes as bytes
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  try_type<everything>(bytes);
  try_type<tree>(bytes);
  fabric::reader skipping{bytes};
  skipping.skip();
  return 0;
}

#include "transport/message.hpp"

namespace fabric::transport {

std::string_view name_of(role r) {
  static constexpr std::array<std::string_view, 5> names = {"head", "worker", "client", "observer",
                                                            "joiner"};
  return names.at(static_cast<std::size_t>(r));
}

}  // namespace fabric::transport

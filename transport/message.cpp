#include "transport/message.hpp"

namespace fabric::transport {

std::string_view name_of(role r) {
  static constexpr std::array<std::string_view, 5> names = {"head", "worker", "client", "observer",
                                                            "joiner"};
  return names.at(static_cast<std::size_t>(r));
}

std::optional<request_id> request_of(const message& m) {
  return std::visit(
      [](const auto& one) -> std::optional<request_id> {
        using kind = std::decay_t<decltype(one)>;
        if constexpr (requires { one.request; })
          return one.request;
        else if constexpr (std::is_same_v<kind, nack>)
          return request_id{one.id};
        else
          return std::nullopt;
      },
      m);
}

}  // namespace fabric::transport

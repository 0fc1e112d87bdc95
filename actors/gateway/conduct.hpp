#pragma once

#include <cstddef>
#include <map>

#include "fabric/ids.hpp"
#include "fabric/instant.hpp"

namespace fabric::actors {

/// How admitted peers behave. One whose frame cannot be read is told so; at the third within ten
/// seconds it is cut off and not heard for a minute, whatever connection it comes by. A value.
class conduct {
 public:
  static constexpr std::size_t bad_frames_max = 3;
  static constexpr duration remembered_for = std::chrono::seconds{10};
  static constexpr duration kept_out_for = std::chrono::minutes{1};

  enum class verdict : std::uint8_t { tell, cut };

  verdict sent_bad_frame(node_id who, instant now);
  /// How long this peer is kept out from now on; 0 where it is welcome.
  [[nodiscard]] duration kept_out(node_id who, instant now) const;

 private:
  struct history {
    std::size_t bad_frames = 0;
    instant since{};
    instant out_until{};
  };
  std::map<node_id, history> by_peer_;  // as many as have sent a bad frame lately
};

}  // namespace fabric::actors

#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "actors/api/object_body.hpp"

namespace fabric::actors {

/// An object of another host on its way into the store of this one. Not thread-safe; all of it
/// takes as long as files do.
class object_landing {
 public:
  struct ready {};  ///< to be written
  /// Another process of this host has fetched it already.
  struct here {
    std::shared_ptr<detail::open_store> store;
    std::shared_ptr<objects::handle> held;
  };
  /// Where another process is about to fetch it, ours has a name of its own. A failure: there is no
  /// room.
  std::variant<ready, here, failure> begin(const object_id& what, std::uint64_t size);

  [[nodiscard]] bool is_ready() const { return into_.has_value(); }
  /// Precondition of both: it is ready. Faults: those of objects::filling.
  result<void> write(std::uint64_t offset, std::string_view part);
  result<objects::handle> seal();

 private:
  std::optional<objects::filling> into_;
};

}  // namespace fabric::actors

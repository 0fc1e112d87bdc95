#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <variant>

#include "scheduler/calls/call.hpp"

namespace fabric::calls {

/// What a key stands for: the function and its arguments, hashed.
using content_hash = std::array<std::uint64_t, 2>;
content_hash hash_of(std::string_view function, std::string_view arguments);

/// Idempotency keys of a session. A call with a key that is known is not made again: whoever asks
/// joins the first one. A call that failed frees its key, so that it can be tried once more.
class key_index {
 public:
  struct is_new {};
  struct joins {
    call_id earlier;
  };
  struct conflicts {};
  using answer = std::variant<is_new, joins, conflicts>;

  /// Remembers `id` where the answer is `is_new`.
  answer claim(const std::string& key, const content_hash& content, call_id id);
  /// The call did not succeed.
  void forget(const std::string& key, call_id id);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct entry {
    content_hash content;
    call_id id;
  };
  std::unordered_map<std::string, entry> entries_;  // only looked up, never walked
};

}  // namespace fabric::calls

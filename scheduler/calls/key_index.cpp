#include "scheduler/calls/key_index.hpp"

#include <string_view>

namespace fabric::calls {

namespace {

/// FNV-1a over 64 bits, with the length first, so that two texts do not run into each other.
std::uint64_t hashed(std::uint64_t seed, std::string_view text) {
  constexpr std::uint64_t prime = 0x100000001b3;
  auto h = (seed ^ text.size()) * prime;
  for (char c : text) h = (h ^ static_cast<unsigned char>(c)) * prime;
  return h;
}

}  // namespace

content_hash hash_of(std::string_view function, std::string_view arguments) {
  constexpr std::uint64_t first = 0xcbf29ce484222325;
  constexpr std::uint64_t second = 0x9E3779B97F4A7C15;
  return {hashed(hashed(first, function), arguments), hashed(hashed(second, function), arguments)};
}

key_index::answer key_index::claim(const std::string& key, const content_hash& content,
                                   call_id id) {
  const auto [at, fresh] = entries_.try_emplace(key, entry{content, id});
  if (fresh) return is_new{};
  if (at->second.content != content) return conflicts{};
  return joins{at->second.id};
}

void key_index::forget(const std::string& key, call_id id) {
  const auto at = entries_.find(key);
  if (at != entries_.end() && at->second.id == id) entries_.erase(at);
}

}  // namespace fabric::calls

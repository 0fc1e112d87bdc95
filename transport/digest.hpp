#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "fabric/result.hpp"

namespace fabric::transport {

inline constexpr std::size_t digest_bytes = 32;

/// BLAKE2b-256 (RFC 7693) of what is added, piece by piece.
class digest {
 public:
  digest();
  void add(std::string_view bytes);
  /// 32 raw bytes. Once.
  std::string finish();

 private:
  // Of libsodium's crypto_generichash_state, which is checked where it is used.
  alignas(64) std::array<std::byte, 384> state_;
};

/// Of a file. Faults: not_found, store_failed.
result<std::string> digest_of_file(const std::string& path);

}  // namespace fabric::transport

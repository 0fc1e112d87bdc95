#pragma once

#include <string>
#include <string_view>

#include "fabric/ids.hpp"
#include "fabric/result.hpp"

namespace fabric::transport {

/// A CURVE25519 key pair; 32 raw bytes each.
struct key_pair {
  std::string public_key;
  std::string secret_key;
};

key_pair make_key_pair();

/// First 8 bytes, big endian, of BLAKE2b-256 of the public key: who the peer is.
node_id id_of_key(std::string_view public_key);

/// 16 hexadecimal digits of the same, for people.
std::string fingerprint(std::string_view public_key);

/// What a joining machine is given: whom to trust, and a key that may do nothing but join. One
/// word, "fab1-" and base64url with a checksum, so that a truncated copy is told from a wrong one.
struct join_token {
  std::string server_public_key;
  key_pair joiner;
  std::string cluster;

  bool operator==(const join_token& o) const {
    return server_public_key == o.server_public_key && joiner.secret_key == o.joiner.secret_key &&
           cluster == o.cluster;
  }
};
std::string to_string(const join_token& token);
/// Faults: auth_failed, saying whether it is truncated or no token at all. Never echoes the text.
result<join_token> parse_token(std::string_view text);

/// Lower-case hexadecimal, and back (usage when it is none or not of `bytes` length).
std::string to_hex(std::string_view bytes);
result<std::string> from_hex(std::string_view text, std::size_t bytes);

}  // namespace fabric::transport

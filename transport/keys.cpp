#include "transport/keys.hpp"

#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace fabric::transport {

namespace {

constexpr std::size_t key_bytes = crypto_box_PUBLICKEYBYTES;
static_assert(key_bytes == 32 && crypto_box_SECRETKEYBYTES == 32);
constexpr std::size_t checksum_bytes = 6;
constexpr std::size_t cluster_bytes_max = 255;
constexpr std::string_view token_prefix = "fab1-";
constexpr int url_variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;

const std::uint8_t* raw(std::string_view s) {
  return reinterpret_cast<const std::uint8_t*>(s.data());  // NOLINT(*-reinterpret-cast)
}
std::uint8_t* raw(std::string& s) {
  return reinterpret_cast<std::uint8_t*>(s.data());  // NOLINT(*-reinterpret-cast)
}

/// Without its random source no key may be made, so the process ends.
void make_ready() {
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

using key_digest = std::array<std::uint8_t, 32>;

key_digest blake2b_256(std::string_view bytes) {
  key_digest out{};
  crypto_generichash(out.data(), out.size(), raw(bytes), bytes.size(), nullptr, 0);
  return out;
}

std::string checksum_of(std::string_view bytes) {
  const key_digest d = blake2b_256(bytes);
  return {d.begin(), d.begin() + checksum_bytes};
}

std::string to_base64(std::string_view bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), url_variant), '\0');
  sodium_bin2base64(out.data(), out.size(), raw(bytes), bytes.size(), url_variant);
  out.pop_back();  // the terminating zero
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(raw(out), out.size(), text.data(), text.size(), nullptr, &size, &end,
                        url_variant) != 0 ||
      end != text.data() + text.size())
    return std::nullopt;
  out.resize(size);
  return out;
}

fault bad_token(std::string what) {
  return {fault_code::auth_failed, std::move(what),
          "copy the whole line that `fabricd start --head` printed"};
}

}  // namespace

key_pair make_key_pair() {
  make_ready();
  key_pair keys{std::string(key_bytes, '\0'), std::string(key_bytes, '\0')};
  crypto_box_keypair(raw(keys.public_key), raw(keys.secret_key));
  return keys;
}

node_id id_of_key(std::string_view public_key) {
  const key_digest d = blake2b_256(public_key);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8 | d[i];
  return {value};
}

std::string fingerprint(std::string_view public_key) {
  const key_digest d = blake2b_256(public_key);
  return to_hex(std::string(d.begin(), d.begin() + sizeof(std::uint64_t)));
}

/// server key (32) | joiner's secret key (32) | length of the cluster's name (1) | name | checksum.
std::string to_string(const join_token& token) {
  const std::string cluster = token.cluster.substr(0, cluster_bytes_max);
  std::string body = token.server_public_key + token.joiner.secret_key;
  body += static_cast<char>(static_cast<std::uint8_t>(cluster.size()));
  body += cluster;
  return std::string{token_prefix} + to_base64(body + checksum_of(body));
}

result<join_token> parse_token(std::string_view text) {
  const std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  text = first == std::string_view::npos
             ? std::string_view{}
             : text.substr(first, text.find_last_not_of(blanks) - first + 1);
  if (text.empty()) return bad_token("the token is empty");
  if (!text.starts_with(token_prefix))
    return bad_token(token_prefix.starts_with(text) ? "the token is truncated"
                                                    : "this is no join token");
  text.remove_prefix(token_prefix.size());
  auto bytes = from_base64(text);
  // A cut leaves a last group that is no base64 by itself; what precedes it tells how much is
  // missing.
  if (!bytes) bytes = from_base64(text.substr(0, text.size() - text.size() % 4));
  if (!bytes) return bad_token("the token is mistyped");
  constexpr std::size_t fixed = 2 * key_bytes + 1;
  if (bytes->size() < fixed + checksum_bytes) return bad_token("the token is truncated");
  const std::size_t body = fixed + static_cast<std::uint8_t>((*bytes)[fixed - 1]);
  if (bytes->size() < body + checksum_bytes) return bad_token("the token is truncated");
  if (bytes->size() > body + checksum_bytes ||
      checksum_of(bytes->substr(0, body)) != bytes->substr(body))
    return bad_token("the token is mistyped");

  make_ready();
  join_token token;
  token.server_public_key = bytes->substr(0, key_bytes);
  token.joiner.secret_key = bytes->substr(key_bytes, key_bytes);
  token.joiner.public_key.resize(key_bytes);
  crypto_scalarmult_base(raw(token.joiner.public_key), raw(token.joiner.secret_key));
  token.cluster = bytes->substr(fixed, body - fixed);
  return token;
}

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

result<std::string> from_hex(std::string_view text, std::size_t bytes) {
  if (text.size() != 2 * bytes)
    return fault{fault_code::usage,
                 "a hexadecimal text has " + std::to_string(text.size()) + " digits instead of " +
                     std::to_string(2 * bytes),
                 ""};
  std::string out(bytes, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  if (sodium_hex2bin(raw(out), out.size(), text.data(), text.size(), nullptr, &size, &end) != 0 ||
      size != bytes || end != text.data() + text.size())
    return fault{fault_code::usage, "a text is not hexadecimal", ""};
  return out;
}

}  // namespace fabric::transport

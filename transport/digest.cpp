#include "transport/digest.hpp"

#include <sodium.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <new>
#include <vector>

namespace fabric::transport {

static_assert(sizeof(crypto_generichash_state) <= 384);

namespace {

crypto_generichash_state* as_state(std::byte* bytes) {
  return reinterpret_cast<crypto_generichash_state*>(bytes);
}

}  // namespace

digest::digest() { crypto_generichash_init(as_state(state_.data()), nullptr, 0, digest_bytes); }

void digest::add(std::string_view bytes) {
  crypto_generichash_update(as_state(state_.data()),
                            reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string digest::finish() {
  std::string out(digest_bytes, '\0');
  crypto_generichash_final(as_state(state_.data()), reinterpret_cast<unsigned char*>(out.data()),
                           out.size());
  return out;
}

result<std::string> digest_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fault{errno == ENOENT ? fault_code::not_found : fault_code::store_failed,
                 "cannot read " + path + ": " + std::strerror(errno), ""};
  digest sum;
  std::vector<char> piece(1 << 20);
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0)
    sum.add({piece.data(), static_cast<std::size_t>(file.gcount())});
  if (file.bad()) return fault{fault_code::store_failed, "cannot read " + path, ""};
  return sum.finish();
}

}  // namespace fabric::transport

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fabric/result.hpp"

/// The part of Redis' protocol (RESP 2) that its clients send and expect: requests are arrays of
/// byte strings. Pure.
namespace fabric::journal {

inline constexpr std::size_t words_max = 16;
inline constexpr std::size_t word_bytes_max = std::size_t{64} << 20;
/// Of those who have not given the password yet.
inline constexpr std::size_t stranger_bytes_max = 16'384;

using request = std::vector<std::string>;

/// Takes requests out of a stream of bytes, however it is cut.
class request_reader {
 public:
  void feed(std::string_view bytes);
  /// Nothing where more bytes are needed. Faults: bad_message, and from then on for ever.
  result<std::optional<request>> next();
  [[nodiscard]] std::size_t waiting() const { return bytes_.size() - at_; }

 private:
  result<std::optional<std::size_t>> number_after(char kind, std::size_t most);

  std::string bytes_;
  std::size_t at_ = 0;
  std::size_t words_ = 0;  ///< of the request that is being read; 0: none
  request read_;
  std::optional<std::size_t> size_;  ///< of the word that is being read
  std::optional<fault> broken_;
};

std::string simple(std::string_view text);      ///< +OK
std::string error(std::string_view text);       ///< -ERR ..., on one line
std::string whole_number(std::int64_t number);  ///< :7
std::string bulk(std::string_view bytes);       ///< $3 abc
inline constexpr std::string_view nil = "$-1\r\n";

}  // namespace fabric::journal

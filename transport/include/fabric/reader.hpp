#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fabric/fault.hpp"
#include "fabric/writer.hpp"

namespace fabric {

/// How much of a value a reader takes in. Whatever the bytes, memory stays within
/// `values` x the size of the largest element type, plus the bytes themselves.
struct read_limits {
  std::size_t depth = 100;           ///< of arrays and maps within each other
  std::size_t values = 200'000'000;  ///< in all; runs of numbers and texts count as one
};

/// Takes MessagePack values off a buffer, one after the other. Whatever the bytes are, nothing but
/// a failure happens: the first one is kept, and from then on there are no more values (numbers are
/// zero, texts and arrays empty). The buffer must outlive the reader and the views it gave.
/// Not thread-safe.
class reader {
 public:
  explicit reader(std::string_view bytes, read_limits limits = {})
      : left_(bytes), whole_(bytes.size()), limits_(limits) {}

  /// True, and the nil is taken, where the next value is nil.
  bool nil();
  bool boolean();
  /// At most `max`.
  std::uint64_t natural(std::uint64_t max);
  /// Within [`min`, `max`].
  std::int64_t integer(std::int64_t min, std::int64_t max);
  float real32();
  /// A float of 32 or 64 bits, or an integer: other writers may send whole numbers so.
  double real();
  /// Of a bin or str.
  std::string_view bytes();
  /// The elements of a run of exactly this kind; `size` is that of an element.
  std::string_view numbers(number_kind kind, std::size_t size);
  /// Whether the next value is an extension of this type. Takes nothing.
  [[nodiscard]] bool has_extension(std::int8_t type) const;
  /// The bytes of an extension of exactly this type.
  std::string_view extension(std::int8_t type);
  /// Enters an array or map and answers how many values or pairs it has; `leave` ends it.
  std::size_t array();
  std::size_t map();
  void leave();
  /// Passes over one value of any kind, extensions among them.
  void skip();
  /// The bytes of one value of any kind, unread.
  std::string_view value();

  [[nodiscard]] bool ok() const { return why_.empty(); }
  /// Ends reading; the first reason is kept. `why` must be a literal.
  void fail(std::string_view why);
  /// Fails unless all bytes were read.
  void finish();
  [[nodiscard]] std::size_t bytes_left() const { return left_.size(); }
  /// BAD_MESSAGE with the first reason and where it was found. Precondition: not `ok`.
  [[nodiscard]] fault error() const;

 private:
  struct head;
  bool take_head(head& h);
  bool take(std::size_t n, std::string_view& out);
  std::uint64_t take_number(std::size_t bytes);
  std::size_t enter(bool is_map);

  std::string_view left_;
  std::size_t whole_;
  read_limits limits_;
  std::size_t depth_ = 0;
  std::string_view why_;
  std::size_t failed_at_ = 0;
};

}  // namespace fabric

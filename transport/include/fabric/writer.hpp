#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace fabric {

/// Which numbers a run of them holds: the type byte of a MessagePack extension. Elements are little
/// endian and without gaps. Single bytes need no kind: they are MessagePack's bin.
enum class number_kind : std::int8_t {
  int16 = 1,
  int32 = 2,
  int64 = 3,
  uint16 = 4,
  uint32 = 5,
  uint64 = 6,
  float32 = 7,
  float64 = 8,
};

/// Appends MessagePack values to a buffer of its own. Integers take their shortest form.
/// Not thread-safe. Faults: none; a run of more than 2^32 - 1 bytes or elements makes the writer
/// `is_overflown`, which whoever sends the bytes must look at.
class writer {
 public:
  writer() = default;
  /// Appends to `buffer`, whose memory is used again.
  explicit writer(std::string buffer) : out_(std::move(buffer)) {}
  /// Gives up behind `most` bytes, for those who can do it in another way then.
  static writer bounded(std::size_t most);

  void nil();
  void boolean(bool v);
  void natural(std::uint64_t v);
  void integer(std::int64_t v);
  void real32(float v);
  void real(double v);
  /// Any bytes, as bin: texts need not be UTF-8.
  void bytes(std::string_view v);
  /// `raw` holds elements of `kind`.
  void numbers(number_kind kind, std::string_view raw);
  /// An extension of a type of ours or of the program's.
  void extension(std::int8_t type, std::string_view raw);
  /// The head of an array or map; `n` values or pairs of them follow.
  void array(std::size_t n);
  void map(std::size_t n);
  /// What is a whole MessagePack value already.
  void value(std::string_view packed) { out_ += packed; }

  [[nodiscard]] std::string_view view() const { return out_; }
  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] bool is_overflown() const { return overflown_; }
  /// More than the bound was to be written; the bytes are of no use.
  [[nodiscard]] bool has_given_up() const { return given_up_; }
  void give_up() { given_up_ = true; }
  std::string take() { return std::move(out_); }
  /// Takes back what was written from byte `from` on.
  std::string cut(std::size_t from);

 private:
  std::uint32_t length(std::size_t n);
  template <class Put>
  void put(std::size_t about, Put put_value);

  std::string out_;
  std::size_t most_ = SIZE_MAX;
  bool overflown_ = false;
  bool given_up_ = false;
};

}  // namespace fabric

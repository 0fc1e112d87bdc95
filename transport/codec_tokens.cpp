#include "transport/codec_tokens.hpp"

#include <array>
#include <exception>

#include <msgpack/null_visitor.hpp>
#include <msgpack/parse.hpp>
#include <msgpack/unpack.hpp>  // the parser needs its load functions

#include "transport/codec.hpp"

namespace fabric::transport::codec {

namespace {

/// Told of each value by msgpack's parser; answering false stops it.
class collector : public msgpack::null_visitor {
 public:
  collector(const token_limits& limits, std::vector<token>& out, std::string_view& why)
      : limits_(limits), out_(out), why_(why) {}

  bool visit_nil() { return add(token_kind::nil, 0); }
  bool visit_boolean(bool v) { return add(token_kind::boolean, v); }
  bool visit_positive_integer(std::uint64_t v) { return add(token_kind::natural, v); }
  // The parser also hands signed forms of numbers that are not negative to this one.
  bool visit_negative_integer(std::int64_t v) {
    return add(v < 0 ? token_kind::negative : token_kind::natural, static_cast<std::uint64_t>(v));
  }
  bool visit_float32(float) { return add(token_kind::real, 0); }
  bool visit_float64(double) { return add(token_kind::real, 0); }
  bool visit_str(const char* data, std::uint32_t n) { return add_bytes(token_kind::text, data, n); }
  bool visit_bin(const char* data, std::uint32_t n) {
    return add_bytes(token_kind::bytes, data, n);
  }
  bool visit_ext(const char*, std::uint32_t) { return stop("an extension type"); }

  bool start_array(std::uint32_t n) { return open(token_kind::array, n); }
  bool start_map(std::uint32_t n) { return open(token_kind::map, n); }
  bool end_array() { return close(); }
  bool end_map() { return close(); }

  void parse_error(std::size_t, std::size_t) { stop("a byte that begins no value"); }
  void insufficient_bytes(std::size_t, std::size_t) { stop("it ends too early"); }

 private:
  bool add(token_kind kind, std::uint64_t number) {
    if (out_.size() >= limits_.tokens) return stop("too many values");
    token& t = out_.emplace_back();
    t.number = number;
    t.size = 0;
    t.kind = kind;
    return true;
  }

  bool add_bytes(token_kind kind, const char* data, std::uint32_t n) {
    if (!add(kind, 0)) return false;
    out_.back().data = n == 0 ? "" : data;
    out_.back().size = n;
    return true;
  }

  bool open(token_kind kind, std::uint32_t n) {
    if (n > limits_.elements) return stop("an array or map has too many elements");
    if (depth_ >= limits_.depth || depth_ >= open_.size()) return stop("it is nested too deeply");
    open_[depth_++] = out_.size();
    if (!add(kind, 0)) return false;
    out_.back().size = n;
    return true;
  }

  bool close() {
    out_[open_[--depth_]].end = out_.size();
    return true;
  }

  bool stop(std::string_view why) {
    if (why_.empty()) why_ = why;
    return false;
  }

  const token_limits& limits_;
  std::vector<token>& out_;
  std::string_view& why_;
  std::array<std::size_t, depth_max> open_{};
  std::size_t depth_ = 0;
};

}  // namespace

bool parse_tokens(std::span<const std::byte> bytes, std::size_t& offset, const token_limits& limits,
                  std::vector<token>& out, std::string_view& why) {
  out.clear();
  why = {};
  collector visitor(limits, out, why);
  try {
    // NOLINTNEXTLINE(*-reinterpret-cast): the parser reads char
    const auto* data = reinterpret_cast<const char*>(bytes.data());
    if (msgpack::parse(data, bytes.size(), offset, visitor)) return true;
  } catch (const std::exception&) {
    // The parser throws on an ext size that overflows, and the token list on lack of memory.
    why = "it cannot be parsed";
  }
  if (why.empty()) why = "it cannot be parsed";
  return false;
}

}  // namespace fabric::transport::codec

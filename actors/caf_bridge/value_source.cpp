#include "actors/caf_bridge/value_source.hpp"

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/sec.hpp>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "actors/caf_bridge/node_naming.hpp"

namespace fabric::actors {

value_source::value_source(caf::execution_unit* context, program_id local, reader& in)
    : caf::deserializer(context),
      in_(in),
      local_(local),
      stack_(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0))) {}

caf::error value_source::state() {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (here < stack_ && stack_ - here > stack_bytes_max)
    in_.fail("values lie too deeply within each other");
  if (in_.ok()) return caf::none;
  return caf::make_error(caf::sec::end_of_stream, in_.error().detail);
}

caf::error value_source::finish() {
  in_.finish();
  return state();
}

caf::error value_source::begin_object(std::uint16_t& number, std::string& name) {
  natural(number);
  if (number == 0) name = in_.bytes();
  return state();
}

caf::error value_source::end_object() { return caf::none; }

/// CAF makes room for a sequence of bytes, and packs eight bools into a byte, before it reads them.
caf::error value_source::begin_sequence(std::size_t& size) {
  size = in_.natural(std::numeric_limits<std::uint32_t>::max());
  if (size > 8 * in_.bytes_left()) {
    in_.fail("a sequence is longer than what is left");
    size = 0;
  }
  return state();
}

caf::error value_source::end_sequence() { return caf::none; }

caf::error value_source::apply_raw(std::size_t bytes, void* to) {
  const auto v = in_.bytes();
  if (in_.ok() && v.size() != bytes) in_.fail("a run of bytes has another length");
  if (in_.ok()) std::memcpy(to, v.data(), bytes);
  return state();
}

template <class T>
caf::error value_source::natural(T& v) {
  v = static_cast<T>(in_.natural(std::numeric_limits<T>::max()));
  return state();
}

template <class T>
caf::error value_source::integer(T& v) {
  v = static_cast<T>(in_.integer(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  return state();
}

/// Instead of a node id's kind: it stands for a program.
caf::error value_source::begin_node(std::uint64_t& v) {
  const program_id who{in_.natural(std::numeric_limits<std::uint64_t>::max())};
  v = static_cast<std::uint64_t>(data::class_id);
  if (context() == nullptr) in_.fail("an actor where none can be");
  if (!in_.ok()) return state();
  node_ = who == local_ ? context()->system().node() : node_of(who);
  if (node_->implementation_id() != data::class_id)
    in_.fail("this system has a node id of its own");
  node_asked_ = 0;
  return state();
}

caf::error value_source::apply_impl(std::uint64_t& v) {
  if (in_.ok() && in_.nil()) return begin_node(v);
  return natural(v);
}

caf::error value_source::apply_impl(std::uint32_t& v) {
  if (!node_ || node_asked_ != 0) return natural(v);
  v = static_cast<const data&>(*node_).process_id();
  ++node_asked_;
  return caf::none;
}

caf::error value_source::apply_impl(std::uint8_t& v) {
  if (!node_ || node_asked_ == 0) return natural(v);
  v = static_cast<const data&>(*node_).host_id()[node_asked_ - 1];
  if (++node_asked_ > data::host_id_size) node_ = caf::none;
  return caf::none;
}

caf::error value_source::apply_impl(std::uint16_t& v) { return natural(v); }
caf::error value_source::apply_impl(std::int8_t& v) { return integer(v); }
caf::error value_source::apply_impl(std::int16_t& v) { return integer(v); }
caf::error value_source::apply_impl(std::int32_t& v) { return integer(v); }
caf::error value_source::apply_impl(std::int64_t& v) { return integer(v); }

caf::error value_source::apply_impl(float& v) {
  v = in_.real32();
  return state();
}

caf::error value_source::apply_impl(double& v) {
  v = in_.real();
  return state();
}

caf::error value_source::apply_impl(long double& v) {
  const std::string text{in_.bytes()};
  char* end = nullptr;
  v = std::strtold(text.c_str(), &end);
  if (in_.ok() && (text.empty() || end != text.c_str() + text.size()))
    in_.fail("a text is no number");
  return state();
}

caf::error value_source::apply_impl(std::string& v) {
  v = in_.bytes();
  return state();
}

template <class Char>
caf::error value_source::text(std::basic_string<Char>& v, number_kind kind) {
  const auto raw = in_.numbers(kind, sizeof(Char));
  v.resize(raw.size() / sizeof(Char));
  if (!raw.empty()) std::memcpy(v.data(), raw.data(), raw.size());
  return state();
}

caf::error value_source::apply_impl(std::u16string& v) { return text(v, number_kind::uint16); }
caf::error value_source::apply_impl(std::u32string& v) { return text(v, number_kind::uint32); }

}  // namespace fabric::actors

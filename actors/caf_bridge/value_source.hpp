#pragma once

#include <caf/deserializer.hpp>
#include <caf/node_id.hpp>

#include "fabric/ids.hpp"
#include "fabric/reader.hpp"

namespace fabric::actors {

/// Reads what a value_sink wrote, for as much as this system's types say. Whatever the bytes are,
/// nothing but an error happens (end_of_stream): sequences are no longer than what is left could
/// hold, and values that lie within each other take no more than `stack_bytes_max` of the stack.
class value_source final : public caf::deserializer {
 public:
  /// Measured, as CAF does not tell how deeply a program's own types lie within each other.
  static constexpr std::size_t stack_bytes_max = 1 << 20;

  value_source(caf::execution_unit* context, program_id local, reader& in);

  caf::error begin_object(std::uint16_t& number, std::string& name) override;
  caf::error end_object() override;
  caf::error begin_sequence(std::size_t& size) override;
  caf::error end_sequence() override;
  caf::error apply_raw(std::size_t bytes, void* data) override;
  /// Call after the last value: an error where bytes are left.
  caf::error finish();

 protected:
  caf::error apply_impl(std::int8_t& v) override;
  caf::error apply_impl(std::uint8_t& v) override;
  caf::error apply_impl(std::int16_t& v) override;
  caf::error apply_impl(std::uint16_t& v) override;
  caf::error apply_impl(std::int32_t& v) override;
  caf::error apply_impl(std::uint32_t& v) override;
  caf::error apply_impl(std::int64_t& v) override;
  caf::error apply_impl(std::uint64_t& v) override;
  caf::error apply_impl(float& v) override;
  caf::error apply_impl(double& v) override;
  caf::error apply_impl(long double& v) override;
  caf::error apply_impl(std::string& v) override;
  caf::error apply_impl(std::u16string& v) override;
  caf::error apply_impl(std::u32string& v) override;

 private:
  using data = caf::node_id::default_data;

  caf::error state();
  caf::error begin_node(std::uint64_t& v);
  template <class T>
  caf::error natural(T& v);
  template <class T>
  caf::error integer(T& v);
  template <class Char>
  caf::error text(std::basic_string<Char>& v, number_kind kind);

  reader& in_;
  program_id local_;
  std::uintptr_t stack_;        // where reading began
  caf::node_id node_;           // whose parts are being asked for
  std::size_t node_asked_ = 0;  // parts that were given: the process, then the host's bytes
};

}  // namespace fabric::actors

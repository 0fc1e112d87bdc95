#pragma once

#include <caf/node_id.hpp>
#include <caf/serializer.hpp>

#include "fabric/ids.hpp"
#include "fabric/writer.hpp"

namespace fabric::actors {

/// Writes what CAF can inspect as MessagePack values, one after the other: numbers in their
/// shortest form, texts and raw bytes as bin, the length of a sequence as a number before its
/// elements (CAF does not say how many values an element has). The node id within an actor handle
/// becomes a nil and the id of its program.
///
/// Faults (as caf::error): unknown_type for handles of actors that only another network reaches,
/// such as those of caf::io.
class value_sink final : public caf::serializer {
 public:
  /// `local`: the program that this actor system is.
  value_sink(caf::execution_unit* context, program_id local, writer& out);

  caf::error begin_object(std::uint16_t& number, std::string& name) override;
  caf::error end_object() override;
  caf::error begin_sequence(std::size_t& size) override;
  caf::error end_sequence() override;
  caf::error apply_raw(std::size_t bytes, void* data) override;
  /// Call after the last value.
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
  using host_id = caf::node_id::default_data::host_id_type;
  /// How much of what may be a node id was seen.
  enum class seen { nothing, kind, process, host };

  void write_seen();
  caf::error end_node();

  writer& out_;
  program_id local_;
  seen seen_ = seen::nothing;
  std::uint32_t process_ = 0;
  host_id host_{};
  std::size_t host_bytes_ = 0;
};

}  // namespace fabric::actors

#include "actors/caf_bridge/content.hpp"

#include <cxxabi.h>

#include <caf/all.hpp>
#include <caf/detail/dynamic_message_data.hpp>
#include <cstdlib>
#include <memory>

#include "actors/caf_bridge/value_sink.hpp"
#include "actors/caf_bridge/value_source.hpp"

namespace fabric::actors {

namespace {

std::string demangled(const std::type_info* type) {
  if (type == nullptr) return "of an element";
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name{
      abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free};
  return status == 0 ? name.get() : type->name();
}

caf::error unregistered(const std::string& type) {
  return caf::make_error(caf::sec::unknown_type,
                         "UNSUPPORTED: the type " + type +
                             " is not registered; call add_message_type with the same name in the "
                             "configuration of both actor systems");
}

/// Runs a program's own inspection, which may throw.
template <class Function>
caf::error guarded(Function run) {
  try {
    return run();
  } catch (const std::exception& e) {
    return caf::make_error(caf::sec::runtime_error,
                           std::string{"BAD_MESSAGE: a value's inspection threw: "} + e.what());
  } catch (...) {
    return caf::make_error(caf::sec::runtime_error,
                           "BAD_MESSAGE: a value's inspection threw what is no std::exception");
  }
}

}  // namespace

caf::expected<packed_content> pack(const caf::type_erased_tuple& what, caf::execution_unit& context,
                                   program_id local) {
  packed_content made;
  auto& types = context.system().types();
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto type = what.type(i);
    const auto& name = types.portable_name(type);
    if (name == types.default_type_name()) return unregistered(demangled(type.second));
    (made.types += '+') += name;
  }
  writer out;
  value_sink sink(&context, local, out);
  auto failed = guarded([&]() -> caf::error {
    for (std::size_t i = 0; i < what.size(); ++i)
      if (auto e = what.save(i, sink)) return e;
    return sink.finish();
  });
  if (failed) return failed;
  made.values = out.take();
  return made;
}

caf::expected<const std::vector<content_reader::maker>*> content_reader::makers(
    std::string_view types) {
  std::string names{types};
  if (const auto found = known_.find(names); found != known_.end()) return &found->second;
  auto& known_types = context_.system().types();
  const auto& own = context_.system().config().value_factories_by_name;
  std::vector<maker> made;
  for (std::size_t at = 0; at < names.size();) {
    const std::size_t end = std::min(names.find('+', at + 1), names.size());
    const std::string name = names.substr(at + 1, end - at - 1);
    at = end;
    if (const auto found = own.find(name); found != own.end())
      made.emplace_back(found->second);
    else if (const auto value = known_types.make_value(name); value != nullptr)
      made.emplace_back(
          [nr = value->type().first, &known_types] { return known_types.make_value(nr); });
    else
      return unregistered("\"" + name + "\"");
  }
  if (known_.size() >= known_max) known_.clear();
  return &known_.emplace(std::move(names), std::move(made)).first->second;
}

caf::expected<caf::message> content_reader::unpack(std::string_view types,
                                                   std::string_view values) {
  auto wanted = makers(types);
  if (!wanted) return std::move(wanted.error());
  reader in{values};
  if ((*wanted)->empty()) return caf::message{};
  value_source source(&context_, local_, in);
  auto made = caf::make_counted<caf::detail::dynamic_message_data>();
  auto failed = guarded([&]() -> caf::error {
    for (const auto& make : **wanted) {
      auto value = make();
      if (auto e = value->load(source)) return e;
      made->append(std::move(value));
    }
    return source.finish();
  });
  if (failed) return failed;
  return caf::message{caf::detail::message_data::cow_ptr{std::move(made)}};
}

std::string pack(const caf::error& reason, caf::execution_unit& context, program_id local) {
  writer out;
  value_sink sink(&context, local, out);
  const auto failed = guarded([&]() -> caf::error {
    if (auto e = sink(const_cast<caf::error&>(reason))) return e;
    return sink.finish();
  });
  return failed ? std::string{} : out.take();
}

caf::error unpack_reason(std::string_view bytes, caf::execution_unit& context, program_id local) {
  reader in{bytes};
  value_source source(&context, local, in);
  caf::error reason;
  const auto failed = guarded([&]() -> caf::error {
    if (auto e = source(reason)) return e;
    return source.finish();
  });
  return failed ? caf::make_error(caf::exit_reason::unknown) : reason;
}

}  // namespace fabric::actors

#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "fabric/future.hpp"
#include "fabric/object.hpp"
#include "fabric/pack.hpp"
#include "fabric/task.hpp"

namespace fabric {

/// A function that is known by its name and signature only, as that of another program:
/// `s.submit(fabric::named<double(double, double)>("branin"), 1.0, 2.0)`.
template <class Signature>
struct named {
  using signature = Signature;
  explicit named(std::string function) : name(std::move(function)) {}
  std::string name;
};

namespace detail {

/// How a parameter is kept between submission and call.
template <class P>
struct kept {
  using type = std::remove_cvref_t<P>;
  static_assert(!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>,
                "fabric: a function that is called on another machine cannot change its caller's "
                "variables; return the new value instead of taking a reference to it");
};
template <>
struct kept<std::string_view> {
  using type = std::string;
};
template <>
struct kept<const std::string_view&> {
  using type = std::string;
};

template <class T>
struct signature_of : signature_of<decltype(&T::operator())> {};
template <class R, class... P>
struct signature_of<R (*)(P...)> {
  using result = std::decay_t<R>;
  using parameters = std::tuple<typename kept<P>::type...>;
  template <class Fn>
  static R call(Fn&& fn, std::stop_token, typename kept<P>::type&&... args) {
    return fn(static_cast<P>(static_cast<typename kept<P>::type&&>(args))...);
  }
};
template <class R, class... P>
struct signature_of<R (*)(std::stop_token, P...)> {
  using result = std::decay_t<R>;
  using parameters = std::tuple<typename kept<P>::type...>;
  static constexpr bool takes_token = true;
  template <class Fn>
  static R call(Fn&& fn, std::stop_token token, typename kept<P>::type&&... args) {
    return fn(std::move(token), static_cast<P>(static_cast<typename kept<P>::type&&>(args))...);
  }
};
template <class R, class... P>
struct signature_of<R (*)(P...) noexcept> : signature_of<R (*)(P...)> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) const> : signature_of<R (*)(P...)> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) const noexcept> : signature_of<R (*)(P...)> {};
template <class R, class... P>
struct signature_of<named<R(P...)>> : signature_of<R (*)(P...)> {};

template <class S>
constexpr bool takes_token = requires {
  S::takes_token;
};

template <class... P>
constexpr bool all_packable(std::tuple<P...>*) {
  static_assert((packable<P> && ...),
                "fabric: an argument of this function cannot be sent to another process; give its "
                "struct FABRIC_PACK(Type, field, ...) or specialise fabric::packing<Type>");
  return (packable<P> && ...);
}
template <class S>
constexpr bool is_sendable() {
  static_assert(std::is_void_v<typename S::result> || packable<typename S::result>,
                "fabric: the result of this function cannot be sent to another process; give its "
                "struct FABRIC_PACK(Type, field, ...) or specialise fabric::packing<Type>");
  return all_packable(static_cast<typename S::parameters*>(nullptr));
}

/// What is registered: how to run a function on packed arguments.
struct function_entry {
  std::string_view name;
  const void* key = nullptr;
  void (*address)() = nullptr;  ///< nullptr for a callable without state
  /// Takes the arguments, calls, appends the result. Throws what the function throws; arguments of
  /// another shape make `args` not ok, and nothing is called.
  void (*invoke)(const function_entry& self, reader& args, writer& result,
                 task_context& context) = nullptr;
  const std::type_info* signature = nullptr;
};

/// Remembers it for the life of the process. Another function of the same name is a conflict, which
/// `init` reports.
void register_function(const function_entry& entry);
/// nullptr where it is not registered.
const function_entry* find_function(const void* key);
const function_entry* find_function(std::string_view name);
[[noreturn]] void throw_unregistered(const std::type_info& type);

template <class Fn>
inline constexpr char callable_key = 0;

template <class Fn>
const void* key_of(const Fn& fn) {
  // NOLINTNEXTLINE(*-reinterpret-cast): the address is only compared
  if constexpr (std::is_pointer_v<Fn>)
    return reinterpret_cast<const void*>(fn);
  else
    return &callable_key<Fn>;
}

/// The callable behind an entry: a function by its address, a lambda by its type.
template <class Fn>
decltype(auto) callable_of(const function_entry& entry) {
  // NOLINTNEXTLINE(*-reinterpret-cast): back to what it was made of
  if constexpr (std::is_pointer_v<Fn>)
    return reinterpret_cast<Fn>(entry.address);
  else
    return Fn{};
}

template <class Fn, class... P>
void invoke_packed(const function_entry& self, reader& args, writer& result, task_context& context,
                   std::tuple<P...>*) {
  using signature = signature_of<Fn>;
  auto values = unpack_arguments(args, static_cast<std::tuple<P...>*>(nullptr));
  args.finish();
  if (!args.ok()) return;
  context.at = task_context::step::running;
  std::stop_token token;
  if constexpr (takes_token<signature>) token = context.stop_token();
  const auto call = [&]() -> decltype(auto) {
    return std::apply(
        [&](P&... each) -> decltype(auto) {
          return signature::call(callable_of<Fn>(self), std::move(token), std::move(each)...);
        },
        values);
  };
  if constexpr (std::is_void_v<typename signature::result>) {
    call(), result.nil();
  } else {
    auto&& made = call();
    context.at = task_context::step::packing;
    pack_argument<typename signature::result>(result, made);
  }
}

template <class Fn>
void invoke_entry(const function_entry& self, reader& args, writer& result, task_context& context) {
  invoke_packed<Fn>(self, args, result, context,
                    static_cast<typename signature_of<Fn>::parameters*>(nullptr));
}

/// Registers a function or a callable without state when the program starts.
class registration {
 public:
  template <class Fn>
  registration(std::string_view name, Fn fn) {
    static_assert(std::is_pointer_v<Fn> || std::is_empty_v<Fn>,
                  "fabric: a lambda that captures cannot be registered: what it holds would not "
                  "travel; take it as a parameter");
    if constexpr (is_sendable<signature_of<Fn>>()) {
      function_entry entry{name, key_of(fn), nullptr, &invoke_entry<Fn>, &typeid(Fn)};
      // NOLINTNEXTLINE(*-reinterpret-cast): functions of all types have one address type
      if constexpr (std::is_pointer_v<Fn>) entry.address = reinterpret_cast<void (*)()>(fn);
      register_function(entry);
    }
  }
};

}  // namespace detail
}  // namespace fabric

#define FABRIC_DETAIL_JOINED(a, b) a##b
#define FABRIC_DETAIL_JOIN(a, b) FABRIC_DETAIL_JOINED(a, b)

/// Makes a function callable on other machines under its own spelling. At namespace scope, once or
/// more often (in a header). It takes and returns values that can be packed, and perhaps a
/// std::stop_token first, which is told when the call is to end.
#define FABRIC_FUNCTION(function) FABRIC_FUNCTION_AS(#function, function)

/// The same under another name, for overloads (cast to one of them), templates and lambdas:
/// `constexpr auto half = [](double x) { return x / 2; }; FABRIC_FUNCTION_AS("half", half);`
#define FABRIC_FUNCTION_AS(name, ...)                                              \
  [[maybe_unused]] static const ::fabric::detail::registration FABRIC_DETAIL_JOIN( \
      fabric_registration_, __COUNTER__) {                                         \
    name, __VA_ARGS__                                                              \
  }

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <typeinfo>
#include <utility>
#include <vector>

#include "fabric/detail_call.hpp"

/// Classes, methods and calls of them. Not for programs.
namespace fabric {

struct actor_options;
struct actor_call_options;
template <class T>
class actor;

namespace detail {

/// What a program knows of one actor.
class seat;

/// Names an actor to all programs.
struct actor_ref {
  std::uint64_t owner = 0;  ///< the program that spawned it; 0: this one
  std::uint64_t actor = 0;
  std::uint32_t pending_max = 1000;
  std::string label;
  std::string home;  ///< of a detached one: which of its name's bearers it is

  bool operator==(const actor_ref&) const = default;
};
FABRIC_PACK(actor_ref, owner, actor, pending_max, label, home);

// Classes.

template <class Signature>
struct constructor;
template <class... P>
struct constructor<void(P...)> {
  using parameters = std::tuple<typename kept<P>::type...>;
  template <class T>
  static std::shared_ptr<void> make(typename kept<P>::type&&... args) {
    return std::make_shared<T>(static_cast<P>(static_cast<typename kept<P>::type&&>(args))...);
  }
};

/// What the class's FABRIC_ACTOR said of its constructor.
template <class T>
using constructor_of = decltype(fabric_constructor(static_cast<const T*>(nullptr)));

template <class T>
concept restorable = requires(T& it, const T& same) {
  it.restore(same.save());
};
template <class T>
using saved_state = std::remove_cvref_t<decltype(std::declval<const T&>().save())>;

/// How a class that was registered is made, saved and restored.
struct class_entry {
  std::string_view name;
  const std::type_info* type = nullptr;
  /// Arguments of another shape make `args` not ok; then the answer is empty.
  std::shared_ptr<void> (*make)(reader& args) = nullptr;
  void (*save)(const void* object, writer& to) = nullptr;  ///< nullptr where it keeps no state
  void (*restore)(void* object, reader& from) = nullptr;
};

template <class T, class... P>
std::shared_ptr<void> make_object(reader& args, std::tuple<P...>*) {
  auto values = unpack_arguments(args, static_cast<std::tuple<P...>*>(nullptr));
  args.finish();
  if (!args.ok()) return nullptr;
  return std::apply(
      [](P&... each) { return constructor_of<T>::template make<T>(std::move(each)...); }, values);
}
template <class T>
std::shared_ptr<void> make_object_of(reader& args) {
  return make_object<T>(args, static_cast<typename constructor_of<T>::parameters*>(nullptr));
}
template <class T>
void save_object(const void* object, writer& to) {
  pack<saved_state<T>>(to, static_cast<const T*>(object)->save());
}
template <class T>
void restore_object(void* object, reader& from) {
  auto state = unpack<saved_state<T>>(from);
  from.finish();
  if (from.ok()) static_cast<T*>(object)->restore(std::move(state));
}

/// nullptr where it is not registered.
const class_entry* find_class(std::string_view name);
const class_entry* find_class(const std::type_info& type);
[[noreturn]] void throw_unregistered_class(const std::type_info& type);
[[noreturn]] void throw_unregistered_method(const std::type_info& type);
[[noreturn]] void throw_no_object();

// Methods.

template <class M>
struct method_signature;
template <class C, class R, class... P>
struct method_signature<R (C::*)(P...)> {
  using result = std::decay_t<R>;
  using parameters = std::tuple<typename kept<P>::type...>;
  template <class Object, class M>
  static R call(Object& on, M method, std::stop_token, typename kept<P>::type&&... args) {
    return (on.*method)(static_cast<P>(static_cast<typename kept<P>::type&&>(args))...);
  }
};
template <class C, class R, class... P>
struct method_signature<R (C::*)(std::stop_token, P...)> {
  using result = std::decay_t<R>;
  using parameters = std::tuple<typename kept<P>::type...>;
  static constexpr bool takes_token = true;
  template <class Object, class M>
  static R call(Object& on, M method, std::stop_token token, typename kept<P>::type&&... args) {
    return (on.*method)(std::move(token),
                        static_cast<P>(static_cast<typename kept<P>::type&&>(args))...);
  }
};
template <class C, class R, class... P>
struct method_signature<R (C::*)(P...) const> : method_signature<R (C::*)(P...)> {};
template <class C, class R, class... P>
struct method_signature<R (C::*)(P...) noexcept> : method_signature<R (C::*)(P...)> {};
template <class C, class R, class... P>
struct method_signature<R (C::*)(P...) const noexcept> : method_signature<R (C::*)(P...)> {};

/// Which method of which class; compared as bytes.
struct method_key {
  const std::type_info* object;
  const std::type_info* type;
  std::array<char, 16> bytes{};
};
template <class T, class M>
method_key key_of_method(M method) {
  method_key key{&typeid(T), &typeid(M)};
  static_assert(sizeof method <= sizeof key.bytes);
  std::memcpy(key.bytes.data(), &method, sizeof method);
  return key;
}
const function_entry* find_method(const method_key& key);

template <class T, auto Method>
inline constexpr char method_mark = 0;

template <class T, auto Method, class... P>
void invoke_method_packed(reader& args, writer& result, task_context& context, std::tuple<P...>*) {
  using signature = method_signature<decltype(Method)>;
  auto values = unpack_arguments(args, static_cast<std::tuple<P...>*>(nullptr));
  args.finish();
  if (!args.ok()) return;
  auto* object = static_cast<T*>(context.object());
  if (object == nullptr) throw_no_object();
  context.at = task_context::step::running;
  std::stop_token token;
  if constexpr (takes_token<signature>) token = context.stop_token();
  const auto call = [&]() -> decltype(auto) {
    return std::apply(
        [&](P&... each) -> decltype(auto) {
          return signature::call(*object, Method, std::move(token), std::move(each)...);
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
template <class T, auto Method>
void invoke_method(const function_entry&, reader& args, writer& result, task_context& context) {
  using signature = method_signature<decltype(Method)>;
  invoke_method_packed<T, Method>(args, result, context,
                                  static_cast<typename signature::parameters*>(nullptr));
}

struct named_method {
  std::string_view name;
  method_key key;
  function_entry entry;
};
template <class T, auto Method>
named_method method_named(std::string_view name) {
  static_assert(is_sendable<method_signature<decltype(Method)>>());
  return {name,
          key_of_method<T>(Method),
          {{}, &method_mark<T, Method>, nullptr, &invoke_method<T, Method>, &typeid(Method)}};
}

void register_class(const class_entry& entry, const std::vector<named_method>& methods);

/// Registers a class when the program starts.
template <class T>
class class_registration {
 public:
  class_registration(std::string_view name, const std::vector<named_method>& methods) {
    class_entry entry{name, &typeid(T), &make_object_of<T>};
    static_assert(all_packable(static_cast<typename constructor_of<T>::parameters*>(nullptr)));
    if constexpr (restorable<T>) {
      static_assert(packable<saved_state<T>>, "fabric: what save() answers cannot be packed");
      entry.save = &save_object<T>;
      entry.restore = &restore_object<T>;
    }
    register_class(entry, methods);
  }
};

// Spawning and calling.

/// The arguments of a constructor.
template <class... Sources>
class birth final : public call_with<void, Sources...> {
 public:
  using call_with<void, Sources...>::call_with;
};

template <class... P, class... A>
counted<state_base> make_birth(const desk_ref& owner, std::tuple<P...>*, A&&... args) {
  static_assert(
      sizeof...(P) == sizeof...(A),
      "fabric: the constructor that FABRIC_ACTOR names takes another number of arguments");
  return counted<state_base>{new birth<typename source_of<P, A>::type...>{
      owner, source_of<P, A>::make(std::forward<A>(args))...}};
}

/// A call's place among those of its caller.
struct line_place {
  std::shared_ptr<seat> at;
  std::uint64_t number = 0;
};

template <class T, class M, class... Sources>
class method_call final : public call_with<typename method_signature<M>::result, Sources...> {
 public:
  using signature = method_signature<M>;
  using result = typename signature::result;

  method_call(desk_ref owner, const function_entry* entry, M method, Sources... sources)
      : call_with<result, Sources...>(std::move(owner), std::move(sources)...),
        entry_(entry),
        method_(method) {}

  const function_entry* function() const override { return entry_; }
  line_place* place_in_line() override { return &place_; }

  void run(task_context& context, bool keep) override {
    this->attempt_failure.reset();
    try {
      auto& object = *static_cast<T*>(context.object());
      std::stop_token token;
      if constexpr (takes_token<signature>) token = context.stop_token();
      std::apply(
          [&](auto&... each) {
            if constexpr (std::is_void_v<result>) {
              signature::call(object, method_, std::move(token), each.take(keep)...);
              this->value.emplace();
            } else {
              this->value.emplace(
                  signature::call(object, method_, std::move(token), each.take(keep)...));
            }
          },
          this->sources_);
    } catch (...) {
      this->attempt_failure = caught_failure();
    }
  }

 private:
  const function_entry* entry_;
  M method_;
  line_place place_;
};

template <class T, class M, class... P, class... A>
auto make_method_call(const desk_ref& owner, const function_entry* entry, M method,
                      std::tuple<P...>*, A&&... args) {
  static_assert(sizeof...(P) == sizeof...(A),
                "fabric: the method takes another number of arguments");
  using result = typename method_signature<M>::result;
  return counted<value_state<result>>{new method_call<T, M, typename source_of<P, A>::type...>{
      owner, entry, method, source_of<P, A>::make(std::forward<A>(args))...}};
}

/// An actor, perhaps one that came from elsewhere and is not tied to a session yet.
class handle {
 public:
  handle() = default;
  explicit handle(std::shared_ptr<seat> at);
  /// Tied to the session of the running task, or of the future whose result is read.
  explicit handle(actor_ref came);

  [[nodiscard]] bool valid() const { return at_ != nullptr || inner_ != nullptr; }
  /// Throws usage_error where there is no session to tie it to.
  [[nodiscard]] const std::shared_ptr<seat>& at() const;
  /// Throws usage_error where it is none.
  [[nodiscard]] actor_ref ref() const;

 private:
  struct untied;
  std::shared_ptr<seat> at_;
  std::shared_ptr<untied> inner_;
};

std::shared_ptr<seat> spawn_actor(desk& owner, const actor_options& how, const class_entry& of,
                                  counted<state_base> arguments);
std::shared_ptr<seat> find_actor(desk& in, std::string_view name, std::string_view name_space,
                                 std::chrono::nanoseconds wait);
const desk_ref& desk_of(const seat& at);
/// Throws usage_error (busy) where the line is full and `how` says so.
void enter_line(const std::shared_ptr<seat>& at, const actor_call_options& how,
                counted<state_base> call);
void withdraw_call(const line_place& where, state_base& call);

}  // namespace detail
}  // namespace fabric

/// The list of methods that FABRIC_ACTOR was given.
#define FABRIC_DETAIL_METHODS(Class, first, ...)               \
  ::fabric::detail::method_named<Class, &Class::first>(#first) \
      __VA_OPT__(, FABRIC_DETAIL_METHODS_AGAIN FABRIC_DETAIL_PARENS(Class, __VA_ARGS__))
#define FABRIC_DETAIL_METHODS_AGAIN() FABRIC_DETAIL_METHODS

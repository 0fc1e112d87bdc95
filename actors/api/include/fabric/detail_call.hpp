#pragma once

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "fabric/function.hpp"

/// Calls with their arguments. Not for programs.
namespace fabric::detail {

/// A value for one attempt; with `keep` another attempt may need it again.
template <class P>
P taken(P& value, bool keep) {
  return keep ? copy_of(value) : std::move(value);
}

/// An argument that was given.
template <class P>
struct held {
  P value;
  P take(bool keep) { return taken(value, keep); }
  void pack_to(writer& to) const { pack_argument<P>(to, value); }
  void note(data_site& where) const { note_value(where, value); }
  void depend(std::vector<state_base*>&) const {}
};

/// An argument whose value is that of an object.
template <class P, class X>
struct referred {
  static_assert(std::is_same_v<P, view<X>> || std::is_same_v<P, X>,
                "fabric: an object<X> may be given where an object<X>, a view<X> or an X is taken");
  object<X> from;
  P take(bool) const {
    if constexpr (std::is_same_v<P, view<X>>)
      return from.get();
    else
      return from.value();
  }
  void pack_to(writer& to) const { pack_object(to, from.hold(), object_use::value); }
  void note(data_site& where) const { note_object(where, from.hold()); }
  void depend(std::vector<state_base*>&) const {}
};

/// An argument that is the result of another call. One that can only be moved is moved out of it
/// where nobody else has that call's future.
template <class P, class X>
struct awaited {
  counted<value_state<X>> from;
  P take(bool keep) {
    if constexpr (can_be_copied<X>())
      return P(*from->value);
    else
      return P(taken(*from->value, keep || from->is_shared()));
  }
  void pack_to(writer& to) const {
    if constexpr (std::is_same_v<P, X>)
      pack_argument<P>(to, *from->value);
    else
      pack_argument<P>(to, P(*from->value));
  }
  void note(data_site& where) const {
    if (from->now() == phase::succeeded) from->note_result(where);
  }
  void depend(std::vector<state_base*>& on) const { on.push_back(from.get()); }
};

/// An argument whose value is that of the object that is the result of another call.
template <class P, class X>
struct awaited_object {
  counted<value_state<object<X>>> from;
  P take(bool keep) const { return referred<P, X>{*from->value}.take(keep); }
  void pack_to(writer& to) const { referred<P, X>{*from->value}.pack_to(to); }
  void note(data_site& where) const {
    if (from->now() == phase::succeeded) from->note_result(where);
  }
  void depend(std::vector<state_base*>& on) const { on.push_back(from.get()); }
};

template <class P, class A>
struct source_of {
  using type = held<P>;
  static_assert(std::is_convertible_v<A, P>,
                "fabric: an argument does not convert to the function's parameter");
  static type make(A&& given) { return {static_cast<P>(std::forward<A>(given))}; }
};
template <class P, class X>
struct awaited_of {
  using type = awaited<P, X>;
  static_assert(std::is_convertible_v<const X&, P> || std::is_convertible_v<X, P>,
                "fabric: the result of a future does not convert to the function's parameter");
};
template <class P, class X>
requires(!std::is_same_v<P, object<X>>) struct awaited_of<P, object<X>> {
  using type = awaited_object<P, X>;
};
template <class P, class X>
struct source_of_future {
  using type = typename awaited_of<P, X>::type;
  static type make(const future<X>& given) { return {future_access::state_of(given)}; }
};
template <class X>
X awaited_by(const future<X>&);
/// A future, or what is one: `async`.
template <class A>
concept some_future = requires(const A& given) {
  awaited_by(given);
};
template <class P, class A>
requires some_future<std::remove_cvref_t<A>>
struct source_of<P, A> : source_of_future<P, typename std::remove_cvref_t<A>::value_type> {
};
template <class P, class X>
struct source_of_object {
  using type = referred<P, X>;
  static type make(const object<X>& given) { return {checked(given)}; }
};
template <class P, class X>
requires(!std::is_same_v<P, object<X>>) struct source_of<P, object<X>> : source_of_object<P, X> {
};
template <class P, class X>
requires(!std::is_same_v<P, object<X>>) struct source_of<P, object<X>&> : source_of_object<P, X> {
};
template <class P, class X>
requires(!std::is_same_v<P, object<X>>) struct source_of<P, const object<X>&>
    : source_of_object<P, X> {
};
template <class P, class X>
requires(!std::is_same_v<P, object<X>>) struct source_of<P, const object<X>>
    : source_of_object<P, X> {
};

/// What all calls with arguments do in one way.
template <class R, class... Sources>
class call_with : public value_state<R> {
 public:
  call_with(desk_ref owner, Sources... sources)
      : value_state<R>(std::move(owner)), sources_(std::move(sources)...) {}

  void dependencies(std::vector<state_base*>& on) const override {
    std::apply([&](const auto&... each) { (each.depend(on), ...); }, sources_);
  }
  void pack_arguments(writer& to) const override {
    to.array(sizeof...(Sources));
    std::apply([&](const auto&... each) { (each.pack_to(to), ...); }, sources_);
  }
  void note_arguments(data_site& where) const override {
    std::apply([&](const auto&... each) { (each.note(where), ...); }, sources_);
  }

 protected:
  std::tuple<Sources...> sources_;
};

/// A call of a function of this program.
template <class Fn, class... Sources>
class function_call final : public call_with<typename signature_of<Fn>::result, Sources...> {
 public:
  using signature = signature_of<Fn>;
  using result = typename signature::result;

  function_call(desk_ref owner, const function_entry* entry, Fn fn, Sources... sources)
      : call_with<result, Sources...>(std::move(owner), std::move(sources)...),
        entry_(entry),
        fn_(std::move(fn)) {}

  const function_entry* function() const override { return entry_; }

  void run(task_context& context, bool keep) override {
    this->attempt_failure.reset();
    try {
      std::stop_token token;
      if constexpr (takes_token<signature>) token = context.stop_token();
      std::apply(
          [&](auto&... each) {
            if constexpr (std::is_void_v<result>) {
              signature::call(fn_, std::move(token), each.take(keep)...);
              this->value.emplace();
            } else {
              this->value.emplace(signature::call(fn_, std::move(token), each.take(keep)...));
            }
          },
          this->sources_);
    } catch (...) {
      this->attempt_failure = caught_failure();
    }
  }

 private:
  const function_entry* entry_;
  [[no_unique_address]] Fn fn_;
};

/// Runs a named function on this state's packed arguments, as a worker would.
void run_by_name(state_base& call, const std::string& name, task_context& context);

/// A call of a function that this program may not have.
template <class Signature, class... Sources>
class named_call final
    : public call_with<typename signature_of<named<Signature>>::result, Sources...> {
 public:
  named_call(desk_ref owner, named<Signature> fn, Sources... sources)
      : call_with<typename signature_of<named<Signature>>::result, Sources...>(
            std::move(owner), std::move(sources)...),
        entry_{.name = {}},
        name_(std::move(fn.name)) {
    entry_.name = name_;
  }
  const function_entry* function() const override { return &entry_; }
  void run(task_context& context, bool) override { run_by_name(*this, name_, context); }

 private:
  function_entry entry_;
  std::string name_;
};

template <class Fn, class... P, class... A>
auto make_call_with(const desk_ref& owner, const function_entry* entry, const Fn& fn,
                    std::tuple<P...>*, A&&... args) {
  static_assert(sizeof...(P) == sizeof...(A),
                "fabric: the function takes another number of arguments");
  using result = typename signature_of<Fn>::result;
  if constexpr (is_a<Fn, named>)
    return counted<value_state<result>>{
        new named_call<typename Fn::signature, typename source_of<P, A>::type...>{
            owner, fn, source_of<P, A>::make(std::forward<A>(args))...}};
  else
    return counted<value_state<result>>{new function_call<Fn, typename source_of<P, A>::type...>{
        owner, entry, fn, source_of<P, A>::make(std::forward<A>(args))...}};
}

/// The registered function that `fn` is. Throws usage_error where it is none.
template <class Fn>
const function_entry* entry_of(const Fn& fn) {
  if constexpr (is_a<Fn, named>) {
    return nullptr;
  } else {
    static_assert(std::is_pointer_v<Fn> || std::is_empty_v<Fn>,
                  "fabric: what a lambda captures does not travel; make it a parameter");
    const auto* entry = find_function(key_of(fn));
    if (entry == nullptr) throw_unregistered(typeid(Fn));
    return entry;
  }
}

template <class Fn, class... A>
auto make_call(const desk_ref& owner, const function_entry* entry, const Fn& fn, A&&... args) {
  static_assert(is_sendable<signature_of<Fn>>());
  return make_call_with(owner, entry, fn,
                        static_cast<typename signature_of<Fn>::parameters*>(nullptr),
                        std::forward<A>(args)...);
}

/// Hands calls of one function to the desk. With a key, the answer may be an earlier call.
/// Throws usage_error.
void submit_calls(desk& to, const call_options& how, state_base** calls, std::size_t n);
counted<state_base> submit_call(desk& to, const call_options& how, counted<state_base> call);
[[noreturn]] void throw_uneven_ranges();
/// Throws usage_error in a child of fork.
void check_use(const desk& of);

}  // namespace fabric::detail

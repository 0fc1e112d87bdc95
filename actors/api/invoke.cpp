#include "actors/api/invoke.hpp"

#include "fabric/detail_call.hpp"

namespace fabric::detail {

namespace {

invocation failed(failure why, std::string_view name, const task_context& context) {
  why.node = context.node;
  why.attempt = context.attempt;
  if (why.function.empty()) why.function = name;
  return {false, pack(why)};
}

std::unique_ptr<failure> caught_at(task_context::step at) {
  using enum task_context::step;
  if (at == unpacking)
    return caught_packing(error_kind::bad_arguments, "its arguments cannot be unpacked");
  if (at == packing) return caught_packing(error_kind::bad_result, "its result cannot be packed");
  return caught_failure();
}

}  // namespace

std::unique_ptr<failure> caught_packing(error_kind kind, std::string_view what) {
  auto why = caught_failure();
  try {
    throw;
  } catch (const error&) {
  } catch (...) {
    why->kind = kind;
    why->what = std::string(what) + ": " + why->what;
  }
  return why;
}

invocation invoke(std::string_view name, std::string_view arguments, task_context& context) {
  const auto* entry = find_function(name);
  if (entry == nullptr)
    return failed({.kind = error_kind::unknown_function,
                   .what = "no function of this name is registered in the worker's program; is it "
                           "another version of the program?"},
                  name, context);
  auto* before = enter_task(&context);
  context.at = task_context::step::unpacking;
  reader args{arguments};
  writer out;
  std::unique_ptr<failure> why;
  try {
    entry->invoke(*entry, args, out, context);
  } catch (...) {
    why = caught_at(context.at);
  }
  enter_task(before);
  if (why) return failed(std::move(*why), name, context);
  if (!args.ok())
    return failed({.kind = error_kind::bad_arguments, .what = args.error().detail}, name, context);
  if (out.is_overflown())
    return failed({.kind = error_kind::bad_result, .what = "the result has more than 4 GiB"}, name,
                  context);
  return {true, out.take()};
}

void take_outcome(state_base& call, bool ok, std::string_view bytes) {
  call.attempt_failure.reset();
  const auto failed_with = [&](failure why) {
    call.attempt_failure = std::make_unique<failure>(std::move(why));
  };
  if (!ok) {
    auto why = unpack<failure>(bytes);
    return failed_with(why ? std::move(*why)
                           : failure{.kind = error_kind::bad_result, .what = why.error().detail});
  }
  reader from{bytes};
  try {
    if (!call.take_result(from))
      failed_with({.kind = error_kind::bad_result, .what = from.error().detail});
  } catch (...) {  // a result that lies in an object, or whose own unpacking throws
    call.attempt_failure = caught_packing(error_kind::bad_result, "its result cannot be unpacked");
  }
}

void run_by_name(state_base& call, const std::string& name, task_context& context) {
  writer args;
  try {
    call.pack_arguments(args);
  } catch (...) {
    call.attempt_failure =
        caught_packing(error_kind::bad_arguments, "its arguments cannot be packed");
    return;
  }
  const auto done = invoke(name, args.view(), context);
  take_outcome(call, done.ok, done.bytes);
}

}  // namespace fabric::detail

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

}  // namespace

invocation invoke(std::string_view name, std::string_view arguments, task_context& context) {
  const auto* entry = find_function(name);
  if (entry == nullptr)
    return failed({.kind = error_kind::unknown_function,
                   .what = "no function of this name is registered in the worker's program; is it "
                           "another version of the program?"},
                  name, context);
  auto* before = enter_task(&context);
  reader args{arguments};
  writer out;
  std::unique_ptr<failure> why;
  try {
    entry->invoke(*entry, args, out, context);
  } catch (...) {
    why = caught_failure();
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

void run_by_name(state_base& call, const std::string& name, task_context& context) {
  call.attempt_failure.reset();
  writer args;
  call.pack_arguments(args);
  const auto done = invoke(name, args.view(), context);
  if (!done.ok) {
    auto why = unpack<failure>(done.bytes);
    call.attempt_failure = std::make_unique<failure>(std::move(why).value());
    return;
  }
  reader result{done.bytes};
  if (!call.take_result(result))
    call.attempt_failure = std::make_unique<failure>(
        failure{.kind = error_kind::bad_result, .what = result.error().detail});
}

}  // namespace fabric::detail

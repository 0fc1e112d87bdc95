#include "actors/api/invoke.hpp"

#include <gtest/gtest.h>

#include "tests/api/functions.hpp"

namespace fabric::detail {
namespace {

/// A worker's view of an attempt.
class plain_context : public task_context {
 public:
  plain_context() {
    node = "n1";
    attempt = 2;
    name = "f";
  }
  std::stop_token stop_token() override { return stop.get_token(); }
  void pause() override {}
  void go_on() override {}
  desk* session() override { return nullptr; }
  std::stop_source stop;
};

failure failed(std::string_view name, const std::string& arguments) {
  plain_context context;
  const auto done = invoke(name, arguments, context);
  EXPECT_FALSE(done.ok);
  EXPECT_FALSE(in_task());
  return unpack<failure>(done.bytes).value();
}

TEST(Invoke, RunsANamedFunctionOnPackedArguments) {
  plain_context context;
  const auto done = invoke("add", pack(std::tuple{1, 2}), context);
  ASSERT_TRUE(done.ok);
  EXPECT_EQ(unpack<int>(done.bytes).value(), 3);
  EXPECT_TRUE(invoke("nothing", pack(std::tuple{}), context).ok);
  const auto lambda = invoke("square", pack(std::tuple{3.0}), context);
  EXPECT_EQ(unpack<double>(lambda.bytes).value(), 9.0);
}

TEST(Invoke, GivesItsContextToTheFunction) {
  plain_context context;
  const auto done = invoke("attempt_and_name", pack(std::tuple{}), context);
  EXPECT_EQ(unpack<std::string>(done.bytes).value(), "f 2");
  context.stop.request_stop();
  EXPECT_TRUE(unpack<bool>(invoke("until_stopped", pack(std::tuple{1}), context).bytes).value());
}

TEST(Invoke, TurnsWhatIsThrownIntoAFailure) {
  const auto why = failed("half_of", pack(std::tuple{3}));
  EXPECT_EQ(why.kind, error_kind::task_failed);
  EXPECT_EQ(why.type, "std::domain_error");
  EXPECT_EQ(why.node, "n1");
  EXPECT_EQ(why.attempt, 2U);
  EXPECT_EQ(failed("throw_number", pack(std::tuple{})).type, "int");
}

TEST(Invoke, RefusesUnknownNamesAndWrongArguments) {
  EXPECT_EQ(failed("nobody", pack(std::tuple{})).kind, error_kind::unknown_function);
  EXPECT_EQ(failed("add", pack(std::tuple{1})).kind, error_kind::bad_arguments);
  EXPECT_EQ(failed("add", "\xff").kind, error_kind::bad_arguments);
  EXPECT_EQ(failed("add", "").kind, error_kind::bad_arguments);
}

TEST(Invoke, TellsValuesThatCannotBePackedFromFunctionsThatThrow) {
  using enum work::prickly::point;
  const auto argument = failed("take_prickly", pack(std::tuple{unpacked}));
  EXPECT_EQ(argument.kind, error_kind::bad_arguments);
  EXPECT_EQ(argument.type, "std::logic_error");
  EXPECT_EQ(argument.what, "its arguments cannot be unpacked: it pricks");
  const auto result = failed("give_prickly", pack(std::tuple{packed}));
  EXPECT_EQ(result.kind, error_kind::bad_result);
  EXPECT_EQ(result.what, "its result cannot be packed: it pricks");
  EXPECT_EQ(failed("give_prickly", pack(std::tuple{packed_number})).kind, error_kind::bad_result);
}

}  // namespace
}  // namespace fabric::detail

#include "actors/api/packed_call.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "fabric/session.hpp"
#include "tests/api/functions.hpp"

namespace fabric::detail {
namespace {

/// A call of one argument.
template <class T>
class call_with_one final : public state_base {
 public:
  explicit call_with_one(T value) : state_base(desk_ref{}), value_(std::move(value)) {}
  ~call_with_one() override = default;
  void pack_arguments(writer& to) const override { pack_argument<T>(to, value_); }
  const function_entry* function() const override { return &entry_; }
  const std::type_info& result_type() const override { return typeid(void); }

 private:
  T value_;
  function_entry entry_{.name = "f"};
};

class PackedCall : public testing::Test {
 protected:
  session session_{
      init(session_options{.cpus = 1,
                           .gpus = 0,
                           .objects = {.name = "packed-call-test-" + std::to_string(::getpid()),
                                       .memory = 4 << 20,
                                       .disk = testing::TempDir(),
                                       .disk_bytes = 0}})};
};

TEST_F(PackedCall, IsPackedAtOnceWhereItIsSmall) {
  const auto made = pack_at_once(call_with_one{std::string{"tea"}}, 1);
  ASSERT_TRUE(made);
  EXPECT_EQ(unpack<std::string>(made->arguments).value(), "tea");
  EXPECT_TRUE(made->objects.empty());
  EXPECT_EQ(made->why_not, nullptr);
}

TEST_F(PackedCall, IsLeftToWhoHasTimeWhereAnArgumentBecomesAnObject) {
  const call_with_one flat{std::string(large_bytes, 'x')};
  EXPECT_FALSE(pack_at_once(flat, 1));
  EXPECT_EQ(objects_in_use().objects, 0U);
  EXPECT_EQ(pack_whole(flat, 1).objects.size(), 1U);

  const call_with_one deep{std::vector<std::string>(300, std::string(1024, 'x'))};
  EXPECT_FALSE(pack_at_once(deep, 1));
  EXPECT_EQ(pack_whole(deep, 1).objects.size(), 1U);
}

TEST_F(PackedCall, SaysWhyThereIsNoRoom) {
  const auto made = pack_whole(call_with_one{std::string(8 << 20, 'x')}, 1);
  ASSERT_NE(made.why_not, nullptr);
  EXPECT_EQ(made.why_not->kind, error_kind::store_full);
  EXPECT_EQ(made.why_not->function, "f");
}

TEST_F(PackedCall, SaysThatAnArgumentsOwnPackingThrew) {
  using enum work::prickly::point;
  for (const auto where : {packed, packed_number}) {
    const call_with_one call{work::prickly{where}};
    EXPECT_EQ(pack_whole(call, 1).why_not->kind, error_kind::bad_arguments);
    EXPECT_EQ(pack_at_once(call, 1)->why_not->kind, error_kind::bad_arguments);
  }
  EXPECT_EQ(pack_to_stay(call_with_one{work::prickly{packed}}).why_not->what,
            "its arguments cannot be packed: it pricks");
}

}  // namespace
}  // namespace fabric::detail

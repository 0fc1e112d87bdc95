#include "fabric/object.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <numeric>

#include "actors/api/object_settings.hpp"
#include "tests/api/functions.hpp"

namespace fabric {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t mib = 1024 * 1024;

struct order {
  std::string item;
  std::vector<int> counts;
  bool operator==(const order&) const = default;
};
FABRIC_PACK(order, item, counts);

struct point {
  double x = 0;
  std::uint8_t colour = 0;
  bool operator==(const point&) const = default;
};

/// Sessions with a store of this test's own.
class Objects : public testing::Test {
 protected:
  Objects() { std::filesystem::create_directories(disk_); }
  ~Objects() override { std::filesystem::remove_all(disk_); }
  Objects(const Objects&) = delete;
  Objects& operator=(const Objects&) = delete;

  session open(std::int64_t memory = 64 * mib, std::int64_t disk = 64 * mib) {
    return init(session_options{
        .cpus = 2,
        .gpus = 0,
        .objects = {.name = name_, .memory = memory, .disk = disk_, .disk_bytes = disk}});
  }
  [[nodiscard]] bool has_store() const {
    return std::filesystem::exists("/dev/shm/fabric-objects-" + std::to_string(::getuid()) + "-" +
                                   name_);
  }

  const std::string name_ = "api-test-" + std::to_string(::getpid());
  const std::string disk_ = testing::TempDir() + name_;
};

template <class Fn>
error_kind kind_thrown(Fn fn) {
  try {
    fn();
  } catch (const error& e) {
    EXPECT_NE(e.message(), "");
    return e.kind();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

std::vector<double> numbers(std::size_t n) {
  std::vector<double> xs(n);
  std::iota(xs.begin(), xs.end(), 1.0);
  return xs;
}

TEST_F(Objects, AreReadAsTheyWerePut) {
  auto s = open();
  EXPECT_EQ(std::string_view{get(put(std::string{"tea"}))}, "tea");
  EXPECT_EQ(put("coffee").value(), "coffee");
  EXPECT_EQ(put(std::string_view{"milk"}).value(), "milk");
  EXPECT_EQ(put(numbers(3)).value(), numbers(3));
  EXPECT_EQ(put(order{"tea", {1, 2}}).get()->counts, (std::vector{1, 2}));
  EXPECT_EQ(s.put(std::map<std::string, int>{{"a", 1}}).value().at("a"), 1);
  EXPECT_EQ(put(std::vector<bool>{true, false}).value(), (std::vector<bool>{true, false}));
  EXPECT_TRUE(get(put(std::string{})).empty());
}

TEST_F(Objects, OfTriviallyCopyableElementsNeedNoPacking) {
  auto s = open();
  const std::vector<point> points{{1.5, 2}, {2.5, 3}};
  const auto seen = put(points).get();
  EXPECT_EQ(seen[1], points[1]);
  const std::array<std::byte, 2> bytes{std::byte{7}, std::byte{9}};
  EXPECT_EQ(put(std::span<const std::byte>{bytes}).get()[1], std::byte{9});
}

TEST_F(Objects, AreSeenByAllViewsWithoutACopy) {
  auto s = open();
  const auto big = put(std::string(static_cast<std::size_t>(8 * mib), 'x'));
  std::vector<view<std::string>> views;
  for (int i = 0; i < 100; ++i) views.push_back(big.get());
  EXPECT_EQ(views.back().size(), static_cast<std::size_t>(8 * mib));
  EXPECT_EQ(objects_in_use().memory, static_cast<std::uint64_t>(8 * mib));
}

TEST_F(Objects, GoWithTheLastReferenceOrView) {
  auto s = open();
  auto one = put(numbers(1000));
  auto same = one;
  auto seen = same.get();
  one = {};
  same = {};
  EXPECT_EQ(seen[999], 1000.0);
  EXPECT_EQ(objects_in_use().objects, 1U);
  seen = {};
  EXPECT_EQ(objects_in_use().objects, 0U);
}

TEST_F(Objects, KeepWhatTheirValuesReferTo) {
  auto s = open();
  std::vector<object<std::vector<double>>> parts{put(numbers(1000)), put(numbers(2000))};
  auto whole = put(parts);
  parts.clear();
  EXPECT_EQ(objects_in_use().objects, 3U);
  EXPECT_EQ(whole.get()->at(1).get()[1999], 2000.0);
  whole = {};
  EXPECT_EQ(objects_in_use().objects, 0U);
}

TEST_F(Objects, LeaveNothingBehindWhenTheLastSessionAndReferenceAreGone) {
  object<std::string> kept;
  {
    auto s = open();
    kept = put("kept");
    auto also = open();
  }
  EXPECT_TRUE(has_store());
  EXPECT_EQ(kept.value(), "kept");
  kept = {};
  EXPECT_FALSE(has_store());
}

TEST_F(Objects, StandForTheirValuesInCalls) {
  auto s = open();
  const auto xs = put(numbers(4));
  EXPECT_EQ(s.submit(work::sum_of_values, xs).get(), 10.0);
  EXPECT_EQ(s.submit(work::sum_of_view, xs).get(), 10.0);
  EXPECT_EQ(s.submit(work::sum_of_object, xs).get(), 10.0);
  EXPECT_EQ(s.submit(named<double(std::vector<double>)>("sum_of_values"), xs).get(), 10.0);
  EXPECT_EQ(s.submit(named<double(view<std::vector<double>>)>("sum_of_view"), xs).get(), 10.0);
}

TEST_F(Objects, OfOtherCallsStandForTheirValuesToo) {
  auto s = open();
  auto made = s.submit(work::put_numbers, 4);
  EXPECT_EQ(s.submit(work::sum_of_values, made).get(), 10.0);
  EXPECT_EQ(s.submit(work::sum_of_view, made).get(), 10.0);
  EXPECT_EQ(s.submit(work::sum_of_object, made).get(), 10.0);
}

TEST_F(Objects, GoToDiskWhereMemoryIsFullAndAreReadFromThere) {
  auto s = open(4 * mib);
  std::vector<object<std::string>> all;
  for (char c = 'a'; c < 'g'; ++c)
    all.push_back(put(std::string(static_cast<std::size_t>(2 * mib), c)));
  const auto used = objects_in_use();
  EXPECT_EQ(used.objects, 6U);
  EXPECT_LE(used.memory, static_cast<std::uint64_t>(4 * mib));
  EXPECT_GE(used.disk, static_cast<std::uint64_t>(8 * mib));
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i].get()[static_cast<std::size_t>(mib)], static_cast<char>('a' + i));
}

TEST_F(Objects, FailWithWhatToDoWhereMemoryAndDiskAreFull) {
  auto s = open(4 * mib, 4 * mib);
  std::vector<object<std::string>> all;
  const std::string two_mib(static_cast<std::size_t>(2 * mib), 'x');
  for (int i = 0; i < 4; ++i) all.push_back(put(two_mib));
  try {
    (void)put(two_mib);
    FAIL() << "there is no room";
  } catch (const object_error& e) {
    EXPECT_EQ(e.kind(), error_kind::store_full);
    EXPECT_EQ(e.code(), fault_code::store_full);
    EXPECT_NE(std::string{e.what()}.find("release objects"), std::string::npos) << e.what();
  }
  all.pop_back();
  EXPECT_EQ(put(two_mib).size(), two_mib.size());
}

TEST_F(Objects, AreLostWithTheirLastHolder) {
  auto s = open();
  std::string bytes;
  {
    const auto gone = put("gone");
    bytes = pack(gone);
  }
  auto came = unpack<object<std::string>>(bytes);
  ASSERT_TRUE(came);
  EXPECT_EQ(kind_thrown([&] { (void)came->get(); }), error_kind::object_lost);
  auto f = s.submit(work::length_of, *came);
  EXPECT_EQ(kind_thrown([&] { (void)f.get(); }), error_kind::object_lost);
}

TEST_F(Objects, AreTheSameWhereTheirReferenceComesBack) {
  auto s = open();
  const auto one = put(order{"tea", {}});
  const auto came = unpack<object<order>>(pack(one));
  ASSERT_TRUE(came);
  EXPECT_EQ(*came, one);
  EXPECT_EQ(came->value(), one.value());
  EXPECT_TRUE(unpack<object<order>>(pack(object<order>{}))->operator==(object<order>{}));
}

TEST_F(Objects, OfAnotherTypeAreRefused) {
  auto s = open();
  const auto xs = put(numbers(4));
  EXPECT_FALSE(unpack<object<std::string>>(pack(xs)));
  auto f = s.submit(named<std::size_t(std::vector<double>)>("length_of"), xs);
  EXPECT_EQ(kind_thrown([&] { (void)f.get(); }), error_kind::bad_arguments);
}

TEST_F(Objects, DamagedReferencesAreRefused) {
  auto s = open();
  const auto whole = pack(put("tea"));
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_FALSE(unpack<object<std::string>>(std::string_view{whole}.substr(0, n))) << n;
}

TEST_F(Objects, TakeWhatIsLargeOutOfMessages) {
  auto s = open();
  const std::string large(detail::large_bytes, 'x');
  const std::vector<std::string> packed(3, large);
  std::string bytes;
  std::vector<detail::carried_hold> carried;
  {
    detail::packing_for_others these;
    writer to;
    detail::pack_argument(to, large);
    detail::pack_argument(to, std::string{"small"});
    detail::pack_argument(to, packed);
    bytes = to.take();
    carried = these.take();
  }
  EXPECT_EQ(carried.size(), 2U);
  EXPECT_LT(bytes.size(), 500U);
  reader from{bytes};
  EXPECT_EQ(detail::unpack_argument<std::string>(from), large);
  EXPECT_EQ(detail::unpack_argument<std::string>(from), "small");
  EXPECT_EQ(detail::unpack_argument<std::vector<std::string>>(from), packed);
  EXPECT_TRUE(from.ok());
}

TEST_F(Objects, NeedASession) {
  EXPECT_EQ(kind_thrown([] { (void)put("tea"); }), error_kind::usage);
  EXPECT_EQ(kind_thrown([] { (void)objects_in_use(); }), error_kind::usage);
  auto s = open();
  EXPECT_EQ(kind_thrown([] { (void)object<std::string>{}.get(); }), error_kind::usage);
  EXPECT_EQ(kind_thrown([&] { (void)s.submit(work::length_of, object<std::string>{}); }),
            error_kind::usage);
}

TEST_F(Objects, AreNotForAChildOfFork) {
  auto s = open();
  const auto one = put("tea");
  const auto child = ::fork();
  if (child == 0) {
    try {
      (void)put("more");
    } catch (const error& e) {
      ::_exit(e.kind() == error_kind::usage ? 0 : 2);
    }
    ::_exit(1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(one.value(), "tea");
}

TEST_F(Objects, OneProcessHasOneStoreAtATime) {
  auto s = open();
  const auto one = put("tea");
  EXPECT_EQ(kind_thrown([] { (void)init(session_options{.objects = {.name = "another"}}); }),
            error_kind::usage);
  auto joins = init(session_options{.cpus = 1, .gpus = 0});
  EXPECT_EQ(joins.put("coffee").value(), "coffee");
  EXPECT_EQ(objects_in_use().memory_max, static_cast<std::uint64_t>(64 * mib));
}

TEST(ObjectSettings, AreTakenFromOptionsThenFromWhatIsGiven) {
  const auto made = detail::store_options_of({.name = "mine"}, {.name = "theirs", .memory = 5});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->instance, "mine");
  EXPECT_EQ(made->memory_max, 5U);
  EXPECT_EQ(detail::store_options_of({}, {})->instance, "default");
  EXPECT_FALSE(detail::store_options_of({.memory = -2}, {}));
}

}  // namespace
}  // namespace fabric

#include "fabric/pack.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <filesystem>
#include <limits>
#include <list>
#include <map>
#include <random>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace shop {

struct item {
  std::string name;
  double price = 1.5;
  std::optional<int> stock;
  bool operator==(const item&) const = default;
};
FABRIC_PACK(item, name, price, stock);

struct newer_item {
  std::string name;
  double price = 1.5;
  std::optional<int> stock;
  std::vector<std::string> tags{"none"};
};
FABRIC_PACK(newer_item, name, price, stock, tags);

class account {
 public:
  account() = default;
  explicit account(int n) : balance_(n) {}
  [[nodiscard]] int balance() const { return balance_; }
  FABRIC_PACK(account, balance_);

 private:
  int balance_ = 0;
};

struct tree {
  int value = 0;
  std::vector<tree> children;
  std::unique_ptr<tree> next;
  FABRIC_PACK(tree, value, children, next);
};

struct nothing {
  FABRIC_PACK(nothing);
};

template <class T>
struct boxed {
  T inside{};
  bool operator==(const boxed&) const = default;
  FABRIC_PACK(boxed, inside);
};

enum class colour : std::int8_t { red = -1, blue = 7 };

struct even {
  explicit even(int n) : half(n / 2) {}
  int half;
};

}  // namespace shop

template <>
struct fabric::packing<shop::even> {
  static void pack(writer& to, const shop::even& v) { to.integer(v.half * 2); }
  static shop::even unpack(reader& from) {
    const auto n = from.integer(-1000, 1000);
    if (n % 2 != 0) from.fail("it is not even");
    return shop::even{static_cast<int>(n)};
  }
};

namespace fabric {
namespace {

using namespace std::chrono_literals;

template <class T>
void expect_same(const T& value) {
  const auto bytes = pack(value);
  auto back = unpack<T>(bytes);
  ASSERT_TRUE(back) << to_line(back.error());
  EXPECT_TRUE(*back == value);
  for (std::size_t n = 0; n < bytes.size(); ++n)
    EXPECT_FALSE(unpack<T>(std::string_view{bytes}.substr(0, n)));
  EXPECT_FALSE(unpack<T>(bytes + '\0')) << "a surplus byte";
}

template <class... T>
void expect_limits_same() {
  (expect_same(std::numeric_limits<T>::min()), ...);
  (expect_same(std::numeric_limits<T>::max()), ...);
}

TEST(Pack, KeepsNumbersUpToTheirLimits) {
  expect_limits_same<bool, char, signed char, unsigned char, short, unsigned short, int, unsigned,
                     long, unsigned long, long long, unsigned long long, float, double, wchar_t>();
  for (int n = -70000; n < 70000; n += 17) expect_same(n);
  expect_same(std::numeric_limits<double>::infinity());
  expect_same(2.0);
  EXPECT_TRUE(std::signbit(unpack<double>(pack(-0.0)).value()));
  EXPECT_EQ(unpack<double>(pack(-3)).value(), -3.0);
}

TEST(Pack, KeepsTheTypesOfTheStandardLibrary) {
  expect_same(std::string("a\0b\xff", 4));
  expect_same(std::vector<int>{1, -2, 3});
  expect_same(std::vector<double>{});
  expect_same(std::vector<bool>{true, false});
  expect_same(std::vector<std::byte>{std::byte{7}});
  expect_same(std::vector<std::vector<std::string>>{{"a"}, {}, {"b", ""}});
  expect_same(std::array<float, 3>{1, 2, 3});
  expect_same(std::array<std::string, 2>{"x", "y"});
  expect_same(std::array<int, 0>{});
  expect_same(std::list<int>{1, 2});
  expect_same(std::deque<std::string>{"q"});
  expect_same(std::map<std::string, std::vector<int>>{{"a", {1}}, {"b", {}}});
  expect_same(std::multimap<int, int>{{1, 2}, {1, 3}});
  expect_same(std::unordered_map<int, std::string>{{1, "a"}, {2, "b"}});
  expect_same(std::set<std::string>{"a", "b"});
  expect_same(std::unordered_set<int>{4, 5});
  expect_same(std::pair<int, std::string>{1, "a"});
  expect_same(std::tuple<>{});
  expect_same(std::tuple<int, bool, std::string>{1, true, "a"});
  expect_same(std::variant<std::monostate, int, std::string>{std::string("s")});
  expect_same(std::variant<int, int>{std::in_place_index<1>, 5});
  expect_same(std::chrono::microseconds{-5});
  expect_same(std::chrono::duration<double>{0.25});
  expect_same(std::chrono::system_clock::time_point{12345s});
  expect_same(std::filesystem::path{"/a/b c"});
  expect_same(shop::colour::red);
}

TEST(Pack, TellsAbsentValuesApartAtEachLevel) {
  using twice = std::optional<std::optional<int>>;
  expect_same(twice{});
  expect_same(twice{std::optional<int>{}});
  expect_same(twice{std::optional<int>{3}});
  expect_same(std::optional<std::monostate>{});
  expect_same(std::optional<std::monostate>{std::monostate{}});
}

TEST(Pack, KeepsStructsWithTheirMacro) {
  expect_same(shop::item{"nail", 0.01, 5});
  expect_same(shop::boxed<std::vector<shop::item>>{{{"a", 1, {}}, {"b", 2, 3}}});
  EXPECT_EQ(unpack<shop::account>(pack(shop::account{42}))->balance(), 42);
  EXPECT_TRUE(unpack<shop::nothing>(pack(shop::nothing{})));
}

TEST(Pack, KeepsTypesThatCanOnlyBeMovedAndHoldThemselves) {
  shop::tree root{1, {}, std::make_unique<shop::tree>()};
  root.children.emplace_back().value = 2;
  root.next->value = 3;
  auto back = unpack<shop::tree>(pack(root));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->children.at(0).value, 2);
  EXPECT_EQ(back->next->value, 3);
  EXPECT_EQ(back->next->next, nullptr);
}

TEST(Pack, LetsStructsGrow) {
  const auto newer = unpack<shop::newer_item>(pack(shop::item{"nail", 2, 3}));
  ASSERT_TRUE(newer);
  EXPECT_EQ(newer->stock, 3);
  EXPECT_EQ(newer->tags, std::vector<std::string>{"none"});
  const auto older = unpack<shop::item>(pack(shop::newer_item{"n", 2, 3, {"x", "y"}}));
  ASSERT_TRUE(older);
  EXPECT_EQ(*older, (shop::item{"n", 2, 3}));
}

TEST(Pack, UsesWhatAUserSpecialises) {
  EXPECT_EQ(unpack<shop::even>(pack(shop::even{8}))->half, 4);
  EXPECT_FALSE(unpack<shop::even>(pack(3)));
  EXPECT_EQ(unpack<std::vector<shop::even>>(pack(std::vector{shop::even{2}}))->at(0).half, 1);
}

TEST(Pack, RefusesOtherShapesWithAReason) {
  const auto bad = unpack<int>(pack(std::string("x")));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, fault_code::bad_message);
  EXPECT_EQ(bad.error().detail, "packed value: it is no integer at byte 2 of 3");
  EXPECT_FALSE(unpack<std::uint8_t>(pack(256)));
  EXPECT_FALSE(unpack<std::int8_t>(pack(128)));
  EXPECT_FALSE(unpack<std::int8_t>(pack(-129)));
  EXPECT_FALSE(unpack<unsigned>(pack(-1)));
  EXPECT_FALSE(unpack<float>(pack(1.0)));
  EXPECT_FALSE(unpack<std::vector<int>>(pack(std::vector<unsigned>{1})));
  EXPECT_FALSE(unpack<std::vector<int>>(pack(std::vector<float>{1})));
  EXPECT_FALSE((unpack<std::array<int, 2>>(pack(std::array<int, 3>{}))));
  EXPECT_FALSE((unpack<std::variant<int>>(pack(std::variant<int, bool>{true}))));
  EXPECT_FALSE((unpack<std::tuple<int>>(pack(std::tuple<int, int>{}))));
}

TEST(Pack, BoundsDepthValuesAndLengths) {
  std::string deep(1000, '\x93');
  EXPECT_FALSE(unpack<shop::tree>(deep));
  std::string chain;
  for (int i = 0; i < 200; ++i) chain += std::string("\x93\x00\x90", 3);
  chain += '\xc0';
  const auto nested = unpack<shop::tree>(chain);
  ASSERT_FALSE(nested);
  EXPECT_NE(nested.error().detail.find("nested too deeply"), std::string::npos);
  EXPECT_FALSE(unpack<std::vector<std::string>>(std::string("\xdd\xff\xff\xff\xff", 5)));
  EXPECT_FALSE(unpack<std::string>(std::string("\xc6\xff\xff\xff\xff", 5)));
  EXPECT_FALSE(unpack<std::vector<double>>(std::string("\xc9\xff\xff\xff\xff\x08", 6)));
  const auto many = pack(std::vector<std::string>(100, "x"));
  EXPECT_FALSE(unpack<std::vector<std::string>>(many, {.depth = 3, .values = 50}));
}

TEST(Pack, TakesAnyBytesWithoutHarm) {
  std::mt19937_64 dice{7};
  using everything = std::tuple<shop::tree, std::variant<int, std::vector<shop::item>>,
                                std::map<std::string, std::optional<double>>, std::vector<float>>;
  const auto good = pack(everything{});
  for (int round = 0; round < 20000; ++round) {
    auto bytes = good;
    for (auto n = dice() % 4; n > 0; --n) bytes[dice() % bytes.size()] = static_cast<char>(dice());
    bytes.resize(dice() % (bytes.size() + 9), static_cast<char>(dice()));
    const auto back = unpack<everything>(bytes);
    if (!back) {
      EXPECT_FALSE(back.error().detail.empty());
    }
    reader skipping{bytes};
    skipping.skip();
  }
}

TEST(Pack, ExtensionsAreSeenBeforeTheyAreTaken) {
  for (const std::size_t size : {0U, 1U, 4U, 16U, 17U, 300U, 70'000U}) {
    const std::string raw(size, 'r');
    writer to;
    to.extension(111, raw);
    to.natural(5);
    reader from{to.view()};
    EXPECT_FALSE(from.has_extension(110)) << size;
    EXPECT_TRUE(from.has_extension(111)) << size;
    EXPECT_EQ(from.extension(111), raw);
    EXPECT_FALSE(from.has_extension(111));
    EXPECT_EQ(from.natural(10), 5U);
    from.finish();
    EXPECT_TRUE(from.ok());
    EXPECT_FALSE(from.has_extension(111));
  }
}

TEST(Pack, AnExtensionOfAnotherTypeIsRefused) {
  writer to;
  to.extension(111, "raw");
  reader from{to.view()};
  EXPECT_EQ(from.extension(7), "");
  EXPECT_FALSE(from.ok());
}

TEST(Pack, WhatWasWrittenLastIsTakenBack) {
  writer to;
  to.natural(1);
  const auto before = to.size();
  to.bytes("gone");
  EXPECT_EQ(to.cut(before).size(), 6U);
  EXPECT_EQ(to.view(), "\x01");
}

TEST(Writer, GivesUpBehindItsBound) {
  auto to = writer::bounded(16);
  pack(to, std::string(10, 'x'));
  EXPECT_FALSE(to.has_given_up());
  pack(to, std::string(10, 'x'));
  EXPECT_TRUE(to.has_given_up());
  pack(to, 1);
  EXPECT_TRUE(to.has_given_up());
  EXPECT_LE(to.size(), 16U);
}

}  // namespace
}  // namespace fabric

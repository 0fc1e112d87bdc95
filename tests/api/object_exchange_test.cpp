#include "actors/program/object_exchange.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <deque>
#include <thread>

#include "actors/clock.hpp"
#include "fabric/session.hpp"

namespace fabric::actors {
namespace {

namespace program = transport::program;
using detail::object_house;

constexpr program_id self{1};
constexpr program_id lender{2};
constexpr program_id source{3};
constexpr object_id other_store{99, 99};

/// One end of an exchange; the test is the other, on another host.
class ObjectExchange : public testing::Test {
 protected:
  ObjectExchange()
      : session_(
            init(session_options{.cpus = 1,
                                 .gpus = 0,
                                 .objects = {.name = "exchange-test-" + std::to_string(::getpid()),
                                             .memory = 16 << 20,
                                             .disk = testing::TempDir(),
                                             .disk_bytes = 0}})) {
    exchange_->open({.say = [this](program_id to,
                                   const program::message& what) { said_.emplace_back(to, what); },
                     .waiting_bytes = [](program_id) { return std::size_t{0}; }});
  }

  /// With all that follows from what was heard.
  void turn(duration later = duration{0}) {
    do exchange_->turn(now() + later);
    while (!exchange_->is_settled());
    exchange_->turn(now() + later);
  }
  /// What was said of this kind since the last time.
  template <class T>
  std::vector<std::pair<program_id, T>> told() {
    std::vector<std::pair<program_id, T>> found;
    turn();
    for (auto& [to, what] : said_)
      if (auto* one = std::get_if<T>(&what)) found.emplace_back(to, *one);
    std::erase_if(said_, [](const auto& m) { return std::holds_alternative<T>(m.second); });
    return found;
  }
  void hear(program_id from, program::message what) { EXPECT_TRUE(exchange_->heard(from, what)); }
  void hear_part(program_id from, const program::object_ask& of, char filler) {
    hear(from, program::object_part{of.which, of.offset, std::string(of.bytes, filler), {}});
  }

  static program::carried_object far_object(const object_id& id, std::uint64_t size,
                                            bool is_needed) {
    return {detail::packed_address({id, size, {1}, other_store, id, source.value}), is_needed};
  }
  /// As it is packed; stays as long as the test.
  std::string_view reference_to(const object_id& id) {
    writer to;
    to.extension(detail::object_extension, far_object(id, 10, true).reference);
    references_.push_back(to.take());
    return references_.back();
  }
  static std::string read(const detail::object_hold& what) {
    const auto there = what->map(std::chrono::nanoseconds{0});
    // NOLINTNEXTLINE(*-reinterpret-cast): bytes as characters
    return {reinterpret_cast<const char*>(there.bytes.data()), there.bytes.size()};
  }

  session session_;
  std::deque<std::string> references_;
  std::vector<std::pair<program_id, program::message>> said_;
  std::shared_ptr<object_exchange> exchange_ = std::make_shared<object_exchange>(self, [] {});
};

TEST_F(ObjectExchange, FetchesWhatIsNeededBeforeItGoesOn) {
  detail::object_hold got;
  exchange_->receive(lender, {far_object({7, 7}, 10, true)},
                     [&](const auto& all) { got = all.at(0); });
  const auto asked = told<program::object_ask>();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].first, source);
  EXPECT_EQ(asked[0].second, (program::object_ask{{7, 7}, 0, 10}));
  EXPECT_EQ(got, nullptr);
  hear_part(source, asked[0].second, 'x');
  EXPECT_EQ(told<program::objects_returned>(),
            (std::vector{std::pair{lender, program::objects_returned{{{7, 7}}}}}));
  turn();
  ASSERT_NE(got, nullptr);
  EXPECT_EQ(read(got), "xxxxxxxxxx");
}

TEST_F(ObjectExchange, LeavesWhatIsOnlyReferredToWhereItIs) {
  std::vector<detail::object_hold> kept;
  exchange_->receive(lender, {far_object({8, 8}, 10, false)}, [&](const auto& all) { kept = all; });
  EXPECT_TRUE(told<program::object_ask>().empty());
  EXPECT_TRUE(told<program::objects_returned>().empty());
  kept.clear();
  EXPECT_EQ(told<program::objects_returned>().size(), 1U);
}

TEST_F(ObjectExchange, GivesBackAtOnceWhatLiesInTheSameStore) {
  const auto mine = put(std::string{"tea"});
  auto where = mine.hold()->where();
  exchange_->receive(lender, {{detail::packed_address(where), true}},
                     [&](const auto& all) { EXPECT_EQ(all.at(0), mine.hold()); });
  EXPECT_EQ(told<program::objects_returned>().size(), 1U);
}

TEST_F(ObjectExchange, AsksTheLenderWhereTheSourceIsGone) {
  std::vector<detail::object_hold> kept;
  exchange_->receive(lender, {far_object({9, 9}, 10, true)}, [&](const auto& all) { kept = all; });
  ASSERT_EQ(told<program::object_ask>().at(0).first, source);
  exchange_->gone(source);
  const auto again = told<program::object_ask>();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].first, lender);
  hear_part(lender, again[0].second, 'y');
  turn();
  EXPECT_EQ(read(kept.at(0)), "yyyyyyyyyy");
}

TEST_F(ObjectExchange, LosesWhatNobodyHas) {
  std::vector<detail::object_hold> kept;
  exchange_->receive(lender, {far_object({10, 10}, 10, true)},
                     [&](const auto& all) { kept = all; });
  turn();
  exchange_->gone(source);
  hear(lender, program::object_part{{10, 10}, 0, "", {fault_code::not_found, "gone", ""}});
  turn();
  ASSERT_EQ(kept.size(), 1U);
  try {
    (void)read(kept[0]);
    FAIL() << "it is lost";
  } catch (const object_error& e) {
    EXPECT_EQ(e.kind(), error_kind::object_lost);
  }
}

TEST_F(ObjectExchange, SaysWhereThereIsNoRoomAndFetchesItLater) {
  auto blocker = put(std::string(12 << 20, 'b'));
  const auto seen = blocker.get();
  std::vector<detail::object_hold> kept;
  exchange_->receive(lender, {far_object({11, 11}, 8 << 20, true)},
                     [&](const auto& all) { kept = all; });
  turn();
  turn();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_FALSE(kept[0]->is_here());
  EXPECT_TRUE(told<program::objects_returned>().empty()) << "the lender is to keep it";
}

TEST_F(ObjectExchange, KeepsWhatItLendsUntilItIsReturnedOrTheBorrowerIsGone) {
  for (const bool is_gone : {false, true}) {
    auto mine = put(std::string{"mine"});
    const auto told = exchange_->lend(lender, {{mine.hold(), detail::object_use::reference}});
    ASSERT_EQ(told.size(), 1U);
    const auto id = mine.id();
    mine = {};
    EXPECT_TRUE(exchange_->has_lent());
    EXPECT_NE(object_house::here().known(id), nullptr);
    if (is_gone)
      exchange_->gone(lender);
    else
      hear(lender, program::objects_returned{{{id.high, id.low}}});
    EXPECT_FALSE(exchange_->has_lent());
    EXPECT_EQ(object_house::here().known(id), nullptr);
  }
}

TEST_F(ObjectExchange, SendsPartsOfWhatIsHereAndRefusesTheRest) {
  const auto mine = put(std::string{"0123456789"});
  const program::object_name name{mine.id().high, mine.id().low};
  hear(lender, program::object_ask{name, 2, 5});
  hear(lender, program::object_ask{name, 8, 5});
  hear(lender, program::object_ask{name, UINT64_MAX, 2});
  hear(lender, program::object_ask{{5, 5}, 0, 5});
  const auto parts = told<program::object_part>();
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0].second.bytes, "23456");
  for (std::size_t i = 1; i < 4; ++i) EXPECT_NE(parts[i].second.why.detail, "") << i;
  EXPECT_EQ(parts[3].second.why.code, fault_code::not_found);
}

TEST_F(ObjectExchange, KeepsACopyForAWhileAfterACallAndNotWhereRoomIsNeeded) {
  for (const bool is_full : {false, true}) {
    const object_id id{13, is_full ? 1U : 2U};
    {
      detail::unpacking_from came(exchange_->way_from(lender));
      reader from{reference_to(id)};
      const auto body = detail::unpack_object(from, {1});
      body->fetch([] {});
      hear_part(source, told<program::object_ask>().at(0).second, 'z');
      turn();
      came.end();
    }
    turn();
    EXPECT_NE(object_house::here().known(id), nullptr);
    if (is_full)
      exchange_->drop_spares();
    else
      turn(std::chrono::minutes{1});
    EXPECT_EQ(object_house::here().known(id), nullptr);
  }
}

TEST_F(ObjectExchange, FetchesWhatACallKeepsBeforeItEnds) {
  detail::object_hold kept;
  {
    detail::unpacking_from came(exchange_->way_from(lender));
    reader from{reference_to({14, 14})};
    kept = detail::unpack_object(from, {1});
    std::jthread other_side([&] {
      while (told<program::object_ask>().empty()) std::this_thread::yield();
      hear_part(source, {{14, 14}, 0, 10}, 'k');
      turn();
    });
    came.end();
  }
  EXPECT_EQ(read(kept), "kkkkkkkkkk");
}

TEST_F(ObjectExchange, LendsWhatIsReferredToWithWhatRefersToIt) {
  auto inner = put(std::string{"inner"});
  auto middle = put(std::vector{inner});
  auto outer = put(std::vector{middle, middle});
  const std::vector ids{outer.id(), middle.id(), inner.id()};
  const auto told = exchange_->lend(lender, {{outer.hold(), detail::object_use::reference}});
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].inner_of, 0U);
  EXPECT_EQ(told[1].inner_of, 1U);
  EXPECT_EQ(told[2].inner_of, 2U);
  outer = {};
  middle = {};
  inner = {};
  for (const auto& id : ids) EXPECT_NE(object_house::here().known(id), nullptr);
  for (const auto& id : ids) hear(lender, program::objects_returned{{{id.high, id.low}}});
  for (const auto& id : ids) EXPECT_EQ(object_house::here().known(id), nullptr);
}

TEST_F(ObjectExchange, KeepsWhatABorrowedObjectRefersToAsLongAsThat) {
  auto inner = far_object({22, 22}, 10, false);
  inner.inner_of = 1;
  std::vector<detail::object_hold> kept;
  exchange_->receive(lender, {far_object({21, 21}, 10, false), inner},
                     [&](const auto& all) { kept = {all.at(0)}; });
  EXPECT_TRUE(told<program::objects_returned>().empty());
  EXPECT_NE(object_house::here().known({22, 22}), nullptr);
  kept.clear();
  const auto returned = told<program::objects_returned>();
  ASSERT_EQ(returned.size(), 1U);
  EXPECT_EQ(returned[0].second.which.size(), 2U);
}

TEST_F(ObjectExchange, PlacesThatPointNowhereAreIgnored) {
  auto odd = far_object({23, 23}, 10, false);
  for (const std::uint64_t place : {1ULL, 2ULL, 3ULL, ~0ULL}) {
    odd.inner_of = place;
    std::size_t count = 0;
    exchange_->receive(lender, {odd, odd}, [&](const auto& all) { count = all.size(); });
    EXPECT_EQ(count, 2U);
  }
  EXPECT_EQ(told<program::objects_returned>().size(), 1U);
  EXPECT_EQ(object_house::here().known({23, 23}), nullptr) << "it does not keep itself";
}

TEST_F(ObjectExchange, FindsWhatAKeptArgumentRefersToBeforeTheCallEnds) {
  auto inner = put(std::string{"inner"});
  const auto inner_id = inner.id();
  auto outer = put(std::vector{inner});
  writer to;
  detail::pack_object(to, outer.hold(), detail::object_use::reference);
  const auto argument = to.take();
  // As another process of this host has it: nothing is known but the store.
  const auto stays = outer.hold()->where();
  ASSERT_TRUE(stays.is_outer);
  const auto second = std::make_shared<detail::object_body>(
      stays, object_house::here().store(),
      std::move(*object_house::here().store()->store->hold(stays.stored_as)));
  EXPECT_TRUE(second->lacks_inner());
  second->find_inner({});
  EXPECT_FALSE(second->lacks_inner());
  inner = {};
  outer = {};
  EXPECT_NE(object_house::here().known(inner_id), nullptr);
}

TEST_F(ObjectExchange, LosesAllThatIsUnderWayWithItsLink) {
  std::vector<detail::object_hold> kept;
  exchange_->receive(lender, {far_object({12, 12}, 10, false)},
                     [&](const auto& all) { kept = all; });
  bool is_over = false;
  kept.at(0)->fetch([&] { is_over = true; });
  turn();
  EXPECT_FALSE(is_over);
  exchange_->lost();
  EXPECT_TRUE(is_over);
  EXPECT_THROW((void)read(kept[0]), object_error);
}

}  // namespace
}  // namespace fabric::actors

#include "scheduler/objects/catalogue.hpp"

#include <gtest/gtest.h>

#include "tests/objects/page.hpp"
#include "tests/objects/table_memory.hpp"

namespace fabric::objects {
namespace {

using namespace std::chrono_literals;

struct Catalogue : testing::Test {
  table_memory memory{{8, 16, 8, 8}};
  catalogue book{memory.rows()};
  room space{.memory_max = 4 * page,
             .memory_free = 100 * page,
             .disk_max = 4 * page,
             .disk_free = 100 * page};
  instant now{1s};
  row_index me = no_row;
  row_index you = no_row;

  Catalogue() {
    EXPECT_TRUE(book.rebuild());
    me = *book.attach(100, 1);
    you = *book.attach(200, 2);
  }
  ~Catalogue() override { EXPECT_EQ(book.contradiction(), std::nullopt); }

  object_ref sealed(std::uint64_t id, std::uint64_t pages, row_index by) {
    now += 1ms;
    const auto answer = book.create({{0, id}, pages * page}, by, space);
    EXPECT_TRUE(std::holds_alternative<created>(answer)) << id;
    const auto what = std::get<created>(answer).what;
    EXPECT_TRUE(book.seal(what, by, now));
    return what;
  }
  create_answer create(std::uint64_t id, std::uint64_t pages) {
    return book.create({{0, id}, pages * page}, me, space);
  }
  map_answer map(std::uint64_t id, row_index by, restoring may = restoring::allowed) {
    return book.map({0, id}, by, space, may);
  }
  /// What a spill does when its copy is written.
  void finish(const copy_first& copy) {
    now += 1ms;
    book.copied(copy.what, copy_outcome::complete, now);
    EXPECT_EQ(drain(), (std::vector<chore>{{copy.what, copy.from}}));
  }
  std::vector<chore> drain() {
    std::vector<chore> all;
    while (const auto one = book.take_chore(me)) {
      all.push_back(*one);
      book.chore_done(one->what, me, now);
    }
    return all;
  }
  bool is_there(std::uint64_t id) { return !std::holds_alternative<miss>(book.look({0, id})); }
};

TEST_F(Catalogue, AnObjectIsFoundOnceItIsSealed) {
  const auto what = std::get<created>(create(1, 1)).what;
  EXPECT_EQ(std::get<miss>(map(1, you)), miss::filling);
  EXPECT_TRUE(book.seal(what, me, now));
  EXPECT_EQ(std::get<found>(map(1, you)).what, what);
  EXPECT_EQ(std::get<miss>(map(2, you)), miss::absent);
}

TEST_F(Catalogue, AnIdIsTakenFromTheMomentOfItsCreation) {
  create(1, 1);
  EXPECT_EQ(std::get<refusal>(create(1, 1)), refusal::exists);
}

TEST_F(Catalogue, AnAbandonedObjectGoesAndItsIdIsFree) {
  const auto what = std::get<created>(create(1, 1)).what;
  book.abandon(what, now);
  EXPECT_EQ(drain(), (std::vector<chore>{{what, place::memory}}));
  EXPECT_FALSE(is_there(1));
  EXPECT_TRUE(std::holds_alternative<created>(create(1, 1)));
}

TEST_F(Catalogue, AnObjectGoesWithItsLastHolder) {
  const auto what = sealed(1, 1, me);
  ASSERT_TRUE(std::holds_alternative<found>(map(1, you)));
  book.release(what, me, hold_kind::handle, now);
  EXPECT_TRUE(drain().empty());
  book.release(what, you, hold_kind::view, now);
  EXPECT_EQ(drain(), (std::vector<chore>{{what, place::memory}}));
  EXPECT_EQ(book.usage().objects, 0U);
}

TEST_F(Catalogue, APinHoldsAnObjectOnceHoweverOftenItIsSaid) {
  const auto what = sealed(1, 1, me);
  EXPECT_TRUE(std::holds_alternative<found>(book.pin({0, 1}, "program 7")));
  EXPECT_TRUE(std::holds_alternative<found>(book.pin({0, 1}, "program 7")));
  book.release(what, me, hold_kind::handle, now);
  EXPECT_TRUE(is_there(1));
  EXPECT_FALSE(book.unpin({0, 1}, "program 8", now));
  EXPECT_TRUE(book.unpin({0, 1}, "program 7", now));
  EXPECT_FALSE(is_there(1));
}

TEST_F(Catalogue, WhatADeadProcessFilledAndHeldGoes) {
  const auto filling = std::get<created>(create(1, 1)).what;
  const auto held = sealed(2, 1, me);
  sealed(3, 1, you);
  book.bury({me}, now);
  me = you;
  EXPECT_EQ(drain().size(), 2U);
  EXPECT_FALSE(is_there(1) || is_there(2));
  EXPECT_TRUE(is_there(3));
  EXPECT_FALSE(book.seal(filling, me, now));
  book.release(held, me, hold_kind::handle, now);
}

TEST_F(Catalogue, TheObjectThatWasIdleForLongestGoesToDisk) {
  sealed(1, 2, me);
  sealed(2, 2, me);
  ASSERT_TRUE(std::holds_alternative<found>(map(1, me)));
  book.release(std::get<found>(book.look({0, 1})).what, me, hold_kind::view, now + 1s);
  const auto copy = std::get<copy_first>(create(3, 1));
  EXPECT_EQ(copy.what, std::get<found>(book.look({0, 2})).what);
  finish(copy);
  EXPECT_TRUE(std::holds_alternative<created>(create(3, 1)));
  EXPECT_EQ(book.usage().spilled, 1U);
}

TEST_F(Catalogue, WhatIsMappedStaysAndTheNewObjectGoesToDiskInstead) {
  sealed(1, 4, me);
  ASSERT_TRUE(std::holds_alternative<found>(map(1, you)));
  const auto answer = std::get<created>(create(2, 2));
  EXPECT_EQ(answer.where, place::disk);
}

TEST_F(Catalogue, NothingIsSpilledForAnObjectThatWouldNotFitAnyway) {
  sealed(1, 2, me);
  sealed(2, 2, me);
  ASSERT_TRUE(std::holds_alternative<found>(map(1, you)));
  EXPECT_EQ(std::get<created>(create(3, 3)).where, place::disk);
  EXPECT_EQ(book.usage().spilled, 0U);
}

TEST_F(Catalogue, FullMemoryAndFullDiskAreOneRefusal) {
  sealed(1, 4, me);
  finish(std::get<copy_first>(create(2, 4)));
  sealed(2, 4, me);
  EXPECT_EQ(std::get<refusal>(create(3, 1)), refusal::full);
  const auto used = book.usage();
  EXPECT_EQ(used.memory_bytes, 4 * page);
  EXPECT_EQ(used.disk_bytes, 4 * page);
  EXPECT_EQ(used.holders.front().bytes, 8 * page);
}

TEST_F(Catalogue, WhatTheFileSystemLacksCountsLikeTheLimit) {
  space.memory_free = page;
  EXPECT_EQ(std::get<created>(create(1, 2)).where, place::disk);
}

TEST_F(Catalogue, WhatIsBeingFilledIsTakenFromTheFreeBytesUntilItIsWritten) {
  space.memory_free = 3 * page;
  const auto first = std::get<created>(create(1, 2));
  EXPECT_EQ(std::get<created>(create(2, 2)).where, place::disk);
  note_written(book.rows().objects[first.what.row], 2 * page);
  space.memory_free = 2 * page;
  EXPECT_EQ(std::get<created>(create(3, 2)).where, place::memory);
}

TEST_F(Catalogue, ASpillIsGivenUpWhenTheObjectIsMappedMeanwhile) {
  sealed(1, 4, me);
  const auto copy = std::get<copy_first>(create(2, 1));
  ASSERT_TRUE(std::holds_alternative<found>(map(1, you)));
  book.copied(copy.what, copy_outcome::complete, now);
  EXPECT_EQ(drain(), (std::vector<chore>{{copy.what, place::disk}}));
  EXPECT_EQ(std::get<found>(book.look({0, 1})).where, place::memory);
}

TEST_F(Catalogue, ASpillThatFailsLosesNothing) {
  sealed(1, 4, me);
  const auto copy = std::get<copy_first>(create(2, 1));
  book.copied(copy.what, copy_outcome::failed, now);
  EXPECT_EQ(drain(), (std::vector<chore>{{copy.what, place::disk}}));
  EXPECT_TRUE(is_there(1));
  EXPECT_EQ(book.usage().disk_bytes, 0U);
}

TEST_F(Catalogue, TheCopyOfADeadSpillerIsRemovedAndTheObjectStays) {
  sealed(1, 4, you);
  const auto copy = std::get<copy_first>(create(2, 1));
  book.bury({me}, now);
  me = you;
  EXPECT_EQ(drain(), (std::vector<chore>{{copy.what, place::disk}}));
  EXPECT_EQ(std::get<found>(book.look({0, 1})).where, place::memory);
}

TEST_F(Catalogue, AFileThatADeadProcessWasRemovingIsRemovedByAnother) {
  const auto what = sealed(1, 1, me);
  book.release(what, me, hold_kind::handle, now);
  ASSERT_TRUE(book.take_chore(me).has_value());
  EXPECT_FALSE(book.take_chore(you).has_value());
  book.bury({me}, now);
  me = you;
  EXPECT_EQ(drain(), (std::vector<chore>{{what, place::memory}}));
}

TEST_F(Catalogue, ASpilledObjectComesBackWhereItFits) {
  sealed(1, 3, me);
  finish(std::get<copy_first>(create(2, 2)));
  const auto back = std::get<copy_first>(map(1, you));
  EXPECT_EQ(back.from, place::disk);
  finish(back);
  EXPECT_EQ(std::get<found>(map(1, you)).where, place::memory);
}

TEST_F(Catalogue, ASpilledObjectIsReadWhereItLiesWhenMemoryIsFull) {
  sealed(1, 3, me);
  finish(std::get<copy_first>(create(2, 3)));
  sealed(2, 3, me);
  EXPECT_EQ(std::get<found>(map(1, you)).where, place::disk);
}

TEST_F(Catalogue, ADroppedObjectCountsUntilItsLastViewIsGone) {
  const auto what = sealed(1, 2, me);
  ASSERT_TRUE(std::holds_alternative<found>(map(1, you)));
  EXPECT_TRUE(book.drop({0, 1}, now));
  EXPECT_FALSE(is_there(1));
  EXPECT_EQ(book.usage().memory_bytes, 2 * page);
  sealed(1, 1, me);
  book.release(what, you, hold_kind::view, now);
  EXPECT_EQ(drain(), (std::vector<chore>{{what, place::memory}}));
  EXPECT_TRUE(is_there(1));
  EXPECT_EQ(book.usage().memory_bytes, page);
}

TEST_F(Catalogue, EveryTableHasAnEndThatIsARefusal) {
  for (std::uint64_t id = 1; id <= 8; ++id) book.create({{0, id}, 0}, me, {1 << 20, 1 << 20, 0, 0});
  EXPECT_EQ(std::get<refusal>(book.create({{0, 9}, 0}, me, {1 << 20, 1 << 20, 0, 0})),
            refusal::no_entry);
  for (int name = 0; name < 6; ++name) book.pin({0, 1}, std::to_string(name));
  EXPECT_EQ(std::get<refusal>(book.pin({0, 1}, "one more")), refusal::no_party);
  EXPECT_FALSE(book.attach(300, 3).has_value());
  for (std::uint64_t id = 2; id <= 3; ++id) book.pin({0, id}, "0");
  EXPECT_EQ(std::get<refusal>(book.pin({0, 4}, "0")), refusal::no_hold);
}

TEST_F(Catalogue, RowsThatCannotBeAreRefusedAndNotFollowed) {
  sealed(1, 1, me);
  const auto rows = book.rows();
  const auto good = rows.objects[0];
  const auto refuses = [&] { return !catalogue{rows}.rebuild(); };
  rows.objects[0].status = 0xFFFFFFFFFFFFFFFFULL;
  EXPECT_TRUE(refuses());
  rows.objects[0] = good;
  rows.objects[0].size = UINT64_MAX;
  EXPECT_TRUE(refuses());
  rows.objects[0] = good;
  rows.head->objects_used = 9;
  EXPECT_TRUE(refuses());
  rows.head->objects_used = 1;
  rows.holds[0].object = 77;
  EXPECT_TRUE(refuses());
  rows.holds[0].object = 0;
  EXPECT_FALSE(refuses());
}

TEST_F(Catalogue, DerivedLinksThatWereOverwrittenAreNoticedOnTheWay) {
  sealed(1, 1, me);
  for (auto& bucket : book.rows().buckets) bucket = 12345;
  EXPECT_FALSE(is_there(1));
  EXPECT_TRUE(book.is_damaged());
  EXPECT_TRUE(book.rebuild());
  EXPECT_TRUE(is_there(1));
}

TEST_F(Catalogue, AListThatBitesItsTailIsNoticed) {
  sealed(1, 1, me);
  book.rows().objects[0].next_in_bucket = 0;
  for (auto& bucket : book.rows().buckets) bucket = 0;
  EXPECT_FALSE(is_there(2));
  EXPECT_TRUE(book.is_damaged());
  EXPECT_TRUE(book.rebuild());
}

}  // namespace
}  // namespace fabric::objects

#include "actors/store/sqlite.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cerrno>
#include <fstream>

#include "actors/store/sqlite_fault.hpp"
#include "tests/store/scratch_folder.hpp"

namespace fabric::store::sqlite {
namespace {

using namespace std::string_literals;

TEST(Sqlite, ValuesComeBackAsTheyWereBound) {
  auto opened = connection::open(":memory:", {access::create});
  ASSERT_OK(opened);
  ASSERT_OK(opened->execute("CREATE TABLE t (i INTEGER, r REAL, t TEXT, b BLOB, n TEXT) STRICT"));
  const std::string odd = "a\0b\xff"s;
  ASSERT_OK(opened
                ->with("INSERT INTO t VALUES (?, ?, ?, ?, ?)", std::int64_t{-7}, 0.1, odd,
                       blob{odd}, std::optional<std::string>())
                .run());
  auto rows = opened->with("SELECT * FROM t");
  ASSERT_OK(rows.next());
  EXPECT_EQ(rows.integer(0), -7);
  EXPECT_EQ(rows.real(1), 0.1);
  EXPECT_EQ(rows.text(2), odd);
  EXPECT_EQ(rows.text(3), odd);
  EXPECT_TRUE(rows.is_null(4));
}

TEST(Sqlite, ATransactionThatIsNotCommittedIsUndone) {
  auto opened = connection::open(":memory:", {access::create});
  ASSERT_OK(opened);
  ASSERT_OK(opened->execute("CREATE TABLE t (i INTEGER)"));
  {
    auto change = transaction::begin(*opened);
    ASSERT_OK(change);
    ASSERT_OK(opened->execute("INSERT INTO t VALUES (1)"));
  }
  EXPECT_EQ(opened->integer("SELECT count(*) FROM t").value(), 0);
}

TEST(Sqlite, ABrokenStatementIsAFaultThatNamesTheFile) {
  auto opened = connection::open(":memory:", {access::create});
  ASSERT_OK(opened);
  const auto done = opened->with("SELECT nothing FROM nowhere", std::int64_t{1}).run();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, fault_code::store_failed);
  EXPECT_NE(done.error().detail.find(":memory:"), std::string::npos);
}

TEST(Sqlite, ALockIsWaitedForWhileSomebodyWantsThat) {
  const scratch_folder folder;
  auto one = connection::open(folder / "a.db", {access::create});
  ASSERT_OK(one->execute("CREATE TABLE t (i INTEGER); BEGIN EXCLUSIVE"));
  auto other = connection::open(folder / "a.db", {access::read_write, 0});
  ASSERT_OK(other);
  int looks = 0;
  std::vector<std::string> said;
  other->wait_by({.notice = [&](const std::string& what) { said.push_back(what); },
                  .goes_on = [&] { return ++looks < 4; }});
  EXPECT_FAULT(fault_code::store_locked, other->execute("INSERT INTO t VALUES (1)"));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("a.db; waiting for it"), std::string::npos) << said[0];
  other->wait_by({.goes_on = [&] { return one->execute("COMMIT").has_value(); }});
  EXPECT_TRUE(other->execute("INSERT INTO t VALUES (1)"));
}

TEST(Sqlite, AClosedConnectionAnswersFaults) {
  auto opened = connection::open(":memory:", {access::create});
  ASSERT_OK(opened);
  opened->close();
  EXPECT_FALSE(opened->integer("SELECT 1"));
  EXPECT_FALSE(opened->execute("SELECT 1"));
  EXPECT_FALSE(transaction::begin(*opened));
}

TEST(Sqlite, ALockHeldElsewhereIsStoreLocked) {
  const scratch_folder folder;
  auto one = connection::open(folder / "a.db", {access::create, 0});
  auto two = connection::open(folder / "a.db", {access::create, 0});
  ASSERT_OK(one);
  ASSERT_OK(two);
  ASSERT_OK(one->execute("CREATE TABLE t (i INTEGER)"));
  auto holding = transaction::begin(*one);
  ASSERT_OK(holding);
  EXPECT_FAULT(fault_code::store_locked, transaction::begin(*two));
}

TEST(Sqlite, AFullFileIsStoreFull) {
  auto opened = connection::open(":memory:", {access::create});
  ASSERT_OK(opened);
  ASSERT_OK(opened->execute("CREATE TABLE t (b BLOB)"));
  ASSERT_OK(opened->integer("PRAGMA max_page_count = 4"));
  EXPECT_FAULT(fault_code::store_full,
               opened->execute("INSERT INTO t VALUES (randomblob(100000))"));
}

TEST(Sqlite, AFailedFlushIsNeverCalledFull) {
  EXPECT_EQ(fault_of(SQLITE_IOERR_WRITE, ENOSPC, "f", "x").code, fault_code::store_full);
  EXPECT_EQ(fault_of(SQLITE_IOERR_SHMSIZE, EDQUOT, "f", "x").code, fault_code::store_full);
  EXPECT_EQ(fault_of(SQLITE_IOERR_FSYNC, ENOSPC, "f", "x").code, fault_code::store_failed);
  EXPECT_EQ(fault_of(SQLITE_IOERR_WRITE, EIO, "f", "x").code, fault_code::store_failed);
  EXPECT_EQ(fault_of(SQLITE_BUSY_SNAPSHOT, 0, "f", "x").code, fault_code::store_locked);
  EXPECT_EQ(fault_of(SQLITE_NOTADB, 0, "f", "x").code, fault_code::bad_message);
}

}  // namespace
}  // namespace fabric::store::sqlite

#include <gtest/gtest.h>

#include <fstream>

#include "actors/store/sqlite.hpp"
#include "tests/store/head_fixture.hpp"

/// Which files the head takes for its own.
namespace fabric::store {
namespace {

void make(const std::string& path, const char* script) {
  auto file = sqlite::connection::open(path, {sqlite::access::create});
  ASSERT_OK(file);
  ASSERT_OK(file->execute(script));
}

TEST(HeadIdentity, ASecondHeadIsToldWhoHasTheStore) {
  const scratch_folder folder;
  auto first = head_store::open(folder / "head.db", durability::full);
  ASSERT_OK(first);
  const auto second = head_store::open(folder / "head.db", durability::full);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, fault_code::store_locked);
  EXPECT_NE(second.error().detail.find(std::to_string(::getpid())), std::string::npos);
}

TEST(HeadIdentity, ANewerSchemaIsRefusedUntouched) {
  const scratch_folder folder;
  { ASSERT_OK(head_store::open(folder / "head.db", durability::full)); }
  make(folder / "head.db", "PRAGMA user_version = 1000");
  const auto before = content_of(folder / "head.db");
  EXPECT_FAULT(fault_code::version, head_store::open(folder / "head.db", durability::full));
  EXPECT_EQ(content_of(folder / "head.db"), before);
}

TEST(HeadIdentity, AnOlderSchemaIsBroughtUpToDate) {
  const scratch_folder folder;
  { ASSERT_OK(head_store::open(folder / "head.db", durability::full)); }
  make(folder / "head.db",
       "DROP TABLE kept_state; ALTER TABLE job DROP COLUMN owner; PRAGMA user_version = 1");
  auto store = head_store::open(folder / "head.db", durability::full);
  ASSERT_OK(store);
  ASSERT_OK(store->load());
}

TEST(HeadIdentity, ANewerSchemaThatIsStillInTheJournalIsSeenToo) {
  const scratch_folder folder;
  { ASSERT_OK(head_store::open(folder / "head.db", durability::full)); }
  auto newer = sqlite::connection::open(folder / "head.db", {sqlite::access::read_write});
  ASSERT_OK(newer);
  ASSERT_OK(newer->execute("PRAGMA user_version = 1000"));
  ASSERT_GT(std::filesystem::file_size(folder / "head.db-wal"), 0U);
  const auto before = content_of(folder / "head.db");
  const auto journal = content_of(folder / "head.db-wal");
  EXPECT_FAULT(fault_code::version, head_store::open(folder / "head.db", durability::full));
  EXPECT_EQ(content_of(folder / "head.db"), before);
  EXPECT_EQ(content_of(folder / "head.db-wal"), journal);
}

TEST(HeadIdentity, FilesOfOtherProgramsAreRefusedUntouched) {
  const scratch_folder folder;
  make(folder / "other.db", "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)");
  make(folder / "marked.db", "PRAGMA application_id = 1; CREATE TABLE mine (x)");
  std::ofstream(folder / "text.db") << std::string(5000, 'x');
  std::ofstream(folder / "short.db") << "hello";
  for (const auto* name : {"other.db", "marked.db", "text.db", "short.db"}) {
    const auto before = content_of(folder / name);
    EXPECT_FAULT(fault_code::bad_message, head_store::open(folder / name, durability::full));
    EXPECT_EQ(content_of(folder / name), before) << name;
  }
}

TEST(HeadIdentity, AnEmptyFileIsANewStore) {
  const scratch_folder folder;
  { std::ofstream make(folder / "head.db"); }
  ASSERT_OK(head_store::open(folder / "head.db", durability::full));
}

TEST(HeadIdentity, AFolderOrAMissingFolderIsAClearFault) {
  const scratch_folder folder;
  ASSERT_TRUE(std::filesystem::create_directory(folder / "head.db"));
  EXPECT_FAULT(fault_code::store_failed, head_store::open(folder / "head.db", durability::full));
  EXPECT_FAULT(fault_code::not_found, head_store::open(folder / "no/head.db", durability::full));
}

TEST(HeadIdentity, ADamagedFileIsFoundAtTheStart) {
  const scratch_folder folder;
  {
    auto store = head_store::open(folder / "head.db", durability::full);
    ASSERT_OK(store);
    std::vector<record_type> records;
    for (std::uint64_t id = 1; id <= 2000; ++id) records.push_back(added(id));
    ASSERT_OK(store->commit(records, 1));
  }
  std::fstream file(folder / "head.db", std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 20; page < 40; ++page) {
    file.seekp(page * 4096);
    file << std::string(64, '\x7f');
  }
  file.close();
  const auto opened = head_store::open(folder / "head.db", durability::full);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, fault_code::store_failed);
  EXPECT_NE(opened.error().hint.find("backup"), std::string::npos) << opened.error().hint;
}

}  // namespace
}  // namespace fabric::store

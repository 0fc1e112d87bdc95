#include "actors/spawner/log_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "tests/spawner/support.hpp"

namespace fabric::spawner {
namespace {

using testing::content_of;

std::string numbered_bytes(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; all.size() < count; ++i) all += std::to_string(i) + ",";
  return all.substr(0, count);
}

void append_in_pieces(log_file& log, const std::string& all, std::size_t piece) {
  for (std::size_t at = 0; at < all.size(); at += piece) log.append(all.substr(at, piece));
}

std::uint64_t bytes_on_disk(const std::string& path) {
  struct stat about {};
  EXPECT_EQ(::stat(path.c_str(), &about), 0);
  return static_cast<std::uint64_t>(about.st_blocks) * 512;
}

TEST(LogFile, IsMadeWithItsFoldersAtTheFirstByteOnly) {
  const testing::scratch_folder folder;
  const std::string path = folder.path("a/b/out.log");
  log_file log(path, 1 << 20);
  log.append("");
  EXPECT_FALSE(std::filesystem::exists(path));
  log.append("hello");
  log.close();
  EXPECT_EQ(content_of(path), "hello");
  EXPECT_EQ(first_kept(path).value(), 0U);
}

TEST(LogFile, KeepsTheLastBytesAtTheirOwnOffsetsAndTellsWhereTheyBegin) {
  const testing::scratch_folder folder;
  const std::string path = folder.path("out.log");
  constexpr std::uint64_t limit = 1 << 20;
  const std::string all = numbered_bytes(10 << 20);
  log_file log(path, limit);
  append_in_pieces(log, all, 60'000);
  log.close();

  const std::string kept = content_of(path);
  const auto from = first_kept(path);
  ASSERT_TRUE(from);
  EXPECT_EQ(kept.size(), all.size());
  EXPECT_GT(*from, 0U);
  EXPECT_LE(*from, all.size() - limit) << "the last " << limit << " bytes have to be there";
  EXPECT_EQ(kept.substr(*from), all.substr(*from));
  EXPECT_LE(bytes_on_disk(path), limit + 64 * 1024);
  EXPECT_EQ(log.lost(), 0U);
}

TEST(LogFile, OnAFullDiskCountsWhatItLosesAndGoesOn) {
  log_file log("/dev/full", 1 << 20);
  log.append("some bytes");
  log.append("more");
  log.close();
  EXPECT_EQ(log.lost(), 14U);
  EXPECT_EQ(log.last_error(), ENOSPC);
}

TEST(LogFile, ThatCannotBeOpenedLosesEverythingAndSaysWhy) {
  log_file log("/proc/no/such/file", 1 << 20);
  log.append("some bytes");
  EXPECT_EQ(log.lost(), 10U);
  EXPECT_NE(log.last_error(), 0);
}

TEST(LogFile, DoesNotFollowALinkThatATaskPutInItsPlace) {
  const testing::scratch_folder folder;
  std::filesystem::create_symlink(folder.path("victim"), folder.path("out.log"));
  log_file log(folder.path("out.log"), 1 << 20);
  log.append("some bytes");
  EXPECT_EQ(log.lost(), 10U);
  EXPECT_FALSE(std::filesystem::exists(folder.path("victim")));
}

TEST(LogFile, WithoutHolesStopsAtTheLimitWithANotice) {
  const testing::scratch_folder folder;
  const std::string path = folder.path("out.log");
  const std::string all = numbered_bytes(400'000);
  log_file log(path, 100'000, [](int, off_t) {
    errno = EOPNOTSUPP;
    return -1;
  });
  append_in_pieces(log, all, 10'000);
  log.close();

  const std::string kept = content_of(path);
  const auto notice = kept.find("\n[fabric: the output from here on is not kept");
  ASSERT_NE(notice, std::string::npos);
  EXPECT_GE(notice, 100'000U);
  EXPECT_LT(notice, 140'000U);
  EXPECT_EQ(kept.substr(0, notice), all.substr(0, notice));
  EXPECT_EQ(log.lost(), all.size() - notice);
}

TEST(LogFile, WithoutAPathOrWithALimitOfZeroKeepsNothing) {
  const testing::scratch_folder folder;
  log_file nowhere("", 1 << 20);
  nowhere.append("some bytes");
  log_file nothing(folder.path("out.log"), 0);
  nothing.append("some bytes");
  EXPECT_EQ(nowhere.lost() + nothing.lost(), 0U);
  EXPECT_FALSE(std::filesystem::exists(folder.path("out.log")));
}

}  // namespace
}  // namespace fabric::spawner

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <random>

#include "tests/objects/store_fixture.hpp"

namespace fabric::objects {
namespace {

struct Index : Store {
  std::string path() const { return folder() + "/index"; }

  template <class Value>
  void overwrite(std::size_t at, Value value) {
    std::fstream file(path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.write(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void make() {
    auto store = open();
    const auto held = store.put(numbered(1), bytes_of(1, page));
  }
};

TEST_F(Index, OfAnotherVersionIsRefusedWithItsNameAndLeftAlone) {
  make();
  overwrite(8, std::uint32_t{77});
  const auto store = host_store::open(options());
  EXPECT_FAULT(fault_code::version, store);
  const auto line = to_line(store.error());
  EXPECT_NE(line.find("fabric 0.1.0 with layout 77.1, and we have layout 1.1"), line.npos) << line;
  overwrite(8, index_version);
  EXPECT_TRUE(host_store::open(options()).has_value());
}

TEST_F(Index, ThatIsNoneIsRefused) {
  make();
  overwrite(0, std::uint64_t{0});
  EXPECT_FAULT(fault_code::bad_message, host_store::open(options()));
  std::filesystem::resize_file(path(), 10);
  EXPECT_FAULT(fault_code::bad_message, host_store::open(options()));
  std::filesystem::resize_file(path(), 0);
  EXPECT_FAULT(fault_code::bad_message, host_store::open(options()));
  std::filesystem::remove(path());
  std::filesystem::create_directory(path());
  EXPECT_FALSE(host_store::open(options()).has_value());
  std::filesystem::remove(path());
  EXPECT_TRUE(host_store::open(options()).has_value());
}

TEST_F(Index, WithAnotherSizeThanItSaysIsRefused) {
  make();
  std::filesystem::resize_file(path(), std::filesystem::file_size(path()) - 8);
  EXPECT_FAULT(fault_code::bad_message, host_store::open(options()));
  std::filesystem::remove(path());
  make();
  overwrite(offsetof(index_facts, tables), std::uint32_t{0xFFFFFFFF});
  EXPECT_FAULT(fault_code::bad_message, host_store::open(options()));
}

TEST_F(Index, OfAnotherContainerIsRefused) {
  make();
  overwrite(offsetof(index_facts, pid_namespace), std::uint64_t{1});
  EXPECT_FAULT(fault_code::config, host_store::open(options()));
}

TEST_F(Index, ThatNamesAFolderOfSomethingElseIsRefusedAndThatFolderIsLeftAlone) {
  make();
  const scratch precious{std::filesystem::temp_directory_path().string()};
  const auto kept = precious.path() + "/" + to_string(numbered(1));
  std::filesystem::create_directory(kept);
  std::ofstream{kept + "/file"} << "text";
  std::array<char, path_max> path{};
  std::copy(precious.path().begin(), precious.path().end(), path.begin());
  overwrite(offsetof(index_facts, disk_root), path);
  EXPECT_FAULT(fault_code::bad_message, host_store::open(options()));
  ASSERT_OK(host_store::remove(options(), removal::anyway));
  EXPECT_TRUE(std::filesystem::exists(kept + "/file"));
  EXPECT_TRUE(host_store::open(options()).has_value());
}

TEST_F(Index, IsMadeWithoutTouchingFoldersOfOtherNames) {
  make();
  ASSERT_OK(host_store::remove(options(), removal::anyway));
  const auto root = disk.path() + "/fabric-objects-" + std::to_string(::geteuid()) + "-default";
  std::filesystem::create_directories(root + "/notes");
  std::filesystem::create_directories(root + "/" + to_string(numbered(1)));
  ASSERT_EQ(::chmod(root.c_str(), 0700), 0);
  std::ofstream{root + "/notes/file"} << "text";
  make();
  EXPECT_TRUE(std::filesystem::exists(root + "/notes/file"));
  EXPECT_FALSE(std::filesystem::exists(root + "/" + to_string(numbered(1))));
}

TEST_F(Index, ThatIsALinkOrOpenToOthersIsRefused) {
  make();
  ASSERT_EQ(::chmod(path().c_str(), 0644), 0);
  EXPECT_FAULT(fault_code::forbidden, host_store::open(options()));
  std::filesystem::rename(path(), memory.path() + "/elsewhere");
  std::filesystem::create_symlink(memory.path() + "/elsewhere", path());
  EXPECT_FALSE(host_store::open(options()).has_value());
}

TEST_F(Index, FoldersOfOthersOrOpenToThemAreRefused) {
  std::filesystem::create_directory(folder());
  ASSERT_EQ(::chmod(folder().c_str(), 0755), 0);
  EXPECT_FAULT(fault_code::forbidden, host_store::open(options()));
  std::filesystem::remove(folder());
  std::filesystem::create_directory_symlink(disk.path(), folder());
  EXPECT_FAULT(fault_code::forbidden, host_store::open(options()));
}

TEST_F(Index, RowsThatCannotBeAreAFaultForWhoeverOpensAndForWhoeverHasItOpen) {
  auto store = open();
  const auto held = store.put(numbered(1), bytes_of(1, page));
  ASSERT_OK(held);
  overwrite(header_bytes + offsetof(catalogue_head, objects_used), std::uint32_t{1U << 31});
  EXPECT_FAULT(fault_code::bad_message, host_store::open(options()));
  EXPECT_FAULT(fault_code::bad_message, store.find(numbered(1)));
  // What is there can be removed, and a new one is made.
  ASSERT_OK(host_store::remove(options(), removal::anyway));
  EXPECT_TRUE(host_store::open(options()).has_value());
}

TEST_F(Index, NoiseInItNeverCrashesUs) {
  std::mt19937_64 chance{42};
  for (int round = 0; round < 300; ++round) {
    auto store = open();
    std::vector<handle> held;
    for (std::uint64_t i = 0; i < 5; ++i) {
      auto made = store.put(numbered(i), bytes_of(i, page));
      if (made) held.push_back(std::move(*made));
    }
    const auto end = std::filesystem::file_size(path());
    for (int i = 0; i < 40; ++i) {
      // Rows in use are near the beginnings of their tables.
      const auto near = chance() % 2 == 0 ? header_bytes + chance() % 600
                                          : header_bytes + chance() % (end - header_bytes);
      overwrite(std::min(near, end - 4),
                static_cast<std::uint32_t>(chance() % 3 == 0 ? chance() % 70 : chance()));
    }
    for (std::uint64_t i = 0; i < 5; ++i) {
      const auto seen = store.find(numbered(i));
      const auto made = store.put(numbered(10 + i), bytes_of(i, page));
      const auto pinned = store.pin(numbered(i), "x");
      const auto dropped = store.drop(numbered(i));
    }
    const auto used = store.usage();
    const auto other = host_store::open(options());
    ASSERT_OK(host_store::remove(options(), removal::anyway));
  }
}

}  // namespace
}  // namespace fabric::objects

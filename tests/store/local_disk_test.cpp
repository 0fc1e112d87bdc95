#include "actors/store/local_disk.hpp"

#include <gtest/gtest.h>

#include "tests/store/scratch_folder.hpp"

namespace fabric::store {
namespace {

TEST(LocalDisk, NetworkFilesystemsAreKnownByTheirNumber) {
  EXPECT_EQ(network_filesystem(0x6969), "NFS");
  EXPECT_EQ(network_filesystem(0xFF534D42), "CIFS");
  EXPECT_EQ(network_filesystem(0xEF53), std::nullopt) << "ext4";
  EXPECT_EQ(network_filesystem(0x01021994), std::nullopt) << "tmpfs";
}

TEST(LocalDisk, AFolderThatDoesNotExistIsNamed) {
  const auto checked = check_local_disk("/nowhere/at/all/head.db");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, fault_code::not_found);
  EXPECT_NE(checked.error().detail.find("/nowhere/at/all"), std::string::npos);
}

TEST(LocalDisk, RoomIsWhatTheDiskHasLeft) {
  const scratch_folder folder;
  ASSERT_OK(check_room(folder / "head.db", 1));
  const auto checked = check_room(folder / "head.db", std::uint64_t{1} << 62);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, fault_code::store_full);
}

TEST(LocalDisk, TheFolderForTestsIsLocal) {
  const scratch_folder folder;
  ASSERT_OK(check_local_disk(folder / "head.db"));
}

}  // namespace
}  // namespace fabric::store

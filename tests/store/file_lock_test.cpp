#include "actors/store/file_lock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/store/scratch_folder.hpp"

namespace fabric::store {
namespace {

TEST(FileLock, ASecondOwnerIsToldWhoHoldsIt) {
  const scratch_folder folder;
  const auto held = file_lock::take(folder / "a.lock");
  ASSERT_OK(held);
  const auto second = file_lock::take(folder / "a.lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, fault_code::store_locked);
  EXPECT_NE(second.error().detail.find("pid " + std::to_string(::getpid())), std::string::npos)
      << second.error().detail;
  EXPECT_NE(second.error().detail.find("(store_test)"), std::string::npos) << second.error().detail;
}

TEST(FileLock, IsFreeAgainAfterItsOwner) {
  const scratch_folder folder;
  { ASSERT_OK(file_lock::take(folder / "a.lock")); }
  ASSERT_OK(file_lock::take(folder / "a.lock"));
}

TEST(FileLock, AFileLeftByADeadProcessIsInNobodysWay) {
  const scratch_folder folder;
  const std::string path = folder / "a.lock";
  const pid_t child = ::fork();
  if (child == 0) {
    auto held = file_lock::take(path);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(content_of(path).substr(0, 1 + std::to_string(child).size()),
            std::to_string(child) + " ");
  const auto taken = file_lock::take(path);
  ASSERT_OK(taken);
  EXPECT_EQ(content_of(path), std::to_string(::getpid()) + " store_test\n");
}

TEST(FileLock, APidThatDoesNotExistIsNotBlamed) {
  const scratch_folder folder;
  const std::string path = folder / "a.lock";
  const auto held = file_lock::take(path);
  ASSERT_OK(held);
  std::ofstream(path) << "4000000000 other\n";
  const auto second = file_lock::take(path);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().detail.find("another process"), std::string::npos);
}

TEST(FileLock, ALinkInItsPlaceIsNotFollowed) {
  const scratch_folder folder;
  ASSERT_EQ(::symlink((folder / "target").c_str(), (folder / "a.lock").c_str()), 0);
  EXPECT_FAULT(fault_code::store_failed, file_lock::take(folder / "a.lock"));
  EXPECT_NE(::access((folder / "target").c_str(), F_OK), 0);
}

TEST(FileLock, IsNotInheritedByPrograms) {
  const scratch_folder folder;
  const auto held = file_lock::take(folder / "a.lock");
  ASSERT_OK(held);
  for (int descriptor = 3; descriptor < 64; ++descriptor) {
    std::error_code none;
    const auto link =
        std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), none);
    if (link == folder / "a.lock") {
      EXPECT_NE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
      return;
    }
  }
  FAIL() << "no descriptor of the lock found";
}

}  // namespace
}  // namespace fabric::store

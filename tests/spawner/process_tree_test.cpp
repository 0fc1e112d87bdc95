#include "actors/spawner/process_tree.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fabric::spawner {
namespace {

using ::testing::UnorderedElementsAre;

std::vector<pid_t> pids_of(const std::vector<process_entry>& entries) {
  std::vector<pid_t> pids;
  for (const auto& entry : entries) pids.push_back(entry.pid);
  return pids;
}

TEST(Descendants, AreTheRootsAndAllBelowThemOnce) {
  const std::vector<process_entry> all{{.pid = 1, .parent = 0},  {.pid = 2, .parent = 1},
                                       {.pid = 3, .parent = 2},  {.pid = 4, .parent = 3},
                                       {.pid = 5, .parent = 1},  {.pid = 6, .parent = 5},
                                       {.pid = 30, .parent = 2}, {.pid = 9, .parent = 1}};
  EXPECT_THAT(pids_of(with_descendants(all, {2, 3, 5})), UnorderedElementsAre(2, 3, 4, 5, 6, 30));
  EXPECT_THAT(pids_of(with_descendants(all, {77})), UnorderedElementsAre());
}

TEST(Descendants, OfARootThatIsGoneAreStillFound) {
  const std::vector<process_entry> all{{.pid = 8, .parent = 7}};
  EXPECT_THAT(pids_of(with_descendants(all, {7})), UnorderedElementsAre(8));
}

TEST(Processes, KnowThemselves) {
  const auto self = look_at(::getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->parent, ::getppid());
  EXPECT_EQ(self->session, ::getsid(0));
  EXPECT_GT(self->born, 0U);
  EXPECT_FALSE(look_at(0));
}

TEST(SignallingAProcess, LeavesANewProcessWithAnOldNumberAlone) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  auto entry = look_at(child);
  ASSERT_TRUE(entry);
  ++entry->born;
  signal_one(*entry, SIGKILL);
  EXPECT_EQ(::kill(child, SIGTERM), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WTERMSIG(status), SIGTERM) << "killed though its time of birth is another";
}

}  // namespace
}  // namespace fabric::spawner

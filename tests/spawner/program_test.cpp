#include "actors/spawner/program.hpp"

#include <gmock/gmock.h>

namespace fabric::spawner {
namespace {

using ::testing::ElementsAre;

TEST(ProgramSearch, TakesANameWithASlashAsItIs) {
  EXPECT_THAT(candidates_of("./a", {"PATH=/x"}), ElementsAre("./a"));
  EXPECT_THAT(candidates_of("/bin/a", {}), ElementsAre("/bin/a"));
}

TEST(ProgramSearch, FollowsThePathOfTheTaskAndNotOurs) {
  EXPECT_THAT(candidates_of("a", {"OTHER=1", "PATH=/x:/y"}), ElementsAre("/x/a", "/y/a"));
}

TEST(ProgramSearch, UsesAStandardPathWhereTheTaskHasNone) {
  EXPECT_THAT(candidates_of("a", {"XPATH=/x"}),
              ElementsAre("/usr/local/bin/a", "/usr/bin/a", "/bin/a"));
}

TEST(ProgramSearch, TakesAnEmptyFolderForTheWorkingFolder) {
  EXPECT_THAT(candidates_of("a", {"PATH=/x::"}), ElementsAre("/x/a", "./a", "./a"));
}

}  // namespace
}  // namespace fabric::spawner

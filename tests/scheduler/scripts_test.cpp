#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/scheduler/script.hpp"

namespace fabric::scheduler {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> scripts() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(FABRIC_SCRIPTS))
    if (entry.path().extension() == ".txt") found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

/// The script with the trace that the scheduler gives now.
std::string played(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  script_runner runner;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("  ")) continue;
    out << line << '\n';
    if (line.empty() || line.starts_with("#")) continue;
    for (const auto& said : runner.run(line)) out << "  " << said << '\n';
  }
  return out.str();
}

class Script : public testing::TestWithParam<fs::path> {};

TEST_P(Script, HasTheTraceThatIsWrittenDown) {
  const std::string now = played(GetParam());
  EXPECT_EQ(now.find("BROKEN"), std::string::npos) << now;
  if (std::getenv("FABRIC_REWRITE_SCRIPTS") != nullptr) {
    std::ofstream(GetParam()) << now;
    return;
  }
  std::ifstream in(GetParam());
  const std::string written((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(now, written)
      << "after a wanted change, run with FABRIC_REWRITE_SCRIPTS=1 and read the "
         "diff of "
      << GetParam();
}

INSTANTIATE_TEST_SUITE_P(All, Script, testing::ValuesIn(scripts()),
                         [](const auto& info) { return info.param.stem().string(); });

}  // namespace
}  // namespace fabric::scheduler

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>

#include "tests/tuner/pruners.hpp"

/// The real Optuna's verdicts on random trials, compared with ours.
namespace fabric::tuner {
namespace {

constexpr const char* python = "/usr/bin/python3";  // whose packages are the system's

bool has_optuna() {
  return std::system((std::string(python) + " -c 'import optuna' 2>/dev/null").c_str()) == 0;
}

std::string said_by_optuna(int seed) {
  const auto command =
      std::string(python) + " " + FABRIC_OPTUNA_PRUNERS + " " + std::to_string(seed);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> from(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 65536> part{};
  while (const auto got = std::fread(part.data(), 1, part.size(), from.get()))
    text.append(part.data(), got);
  return text;
}

trial_state state_named(const std::string& word) {
  if (word == "complete") return trial_state::complete;
  return word == "pruned" ? trial_state::pruned : trial_state::fail;
}

/// Plays a script. Ends at the first verdict that differs.
void compare(std::istream& script) {
  std::unique_ptr<jury> trials;
  std::string word;
  std::string setting;
  std::size_t verdicts = 0;
  std::size_t stops = 0;
  while (script >> word) {
    trial_number n = 0;
    if (word == "pruner") {
      std::string study;
      std::string towards;
      script >> study >> towards >> setting;
      setting += " " + towards;
      study.replace(study.find('\\'), 1, " ");
      trials = std::make_unique<jury>(
          setting.substr(0, setting.find(' ')),
          towards == "maximize" ? direction::maximize : direction::minimize, study);
    } else if (word == "report") {
      std::int64_t step = 0;
      std::string value;
      bool stop = false;
      script >> n >> step >> value >> stop;
      ASSERT_EQ(trials->report(n, step, std::strtod(value.c_str(), nullptr)), stop)
          << setting << ": trial " << n << " at step " << step << " with " << value;
      ++verdicts;
      stops += stop ? 1 : 0;
    } else {
      std::string state;
      script >> n >> state;
      trials->end(n, state_named(state));
    }
  }
  EXPECT_GT(verdicts, 10'000u);
  EXPECT_GT(stops, 1'000u);
}

TEST(Pruners, SayWhatOptunasSay) {
  if (!has_optuna()) GTEST_SKIP() << "python3-optuna is not installed: its verdicts are NOT known";
  std::istringstream script(said_by_optuna(1));
  compare(script);
}

}  // namespace
}  // namespace fabric::tuner

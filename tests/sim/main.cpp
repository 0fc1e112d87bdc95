#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>

#include "tests/sim/mutants.hpp"
#include "tests/sim/simulation.hpp"

namespace {

using namespace fabric::sim;

struct command_line {
  std::uint64_t seed = 1;
  std::uint64_t seeds = 1;
  int minutes = 2;
  bool verbose = false;
  bool all_mutants = false;
  std::string mutant;
};

int usage() {
  std::fputs(
      "fabric-sim [--seed N] [--seeds COUNT] [--minutes M] [--verbose] [--mutant NAME | "
      "--mutants]\n"
      "  plays worlds N, N+1 ... and stops at the first finding (exit status 1)\n"
      "  --mutants  plays every planted bug until it is found, and prints a table\n",
      stderr);
  return 64;
}

std::optional<command_line> parse(int argc, char** argv) {
  command_line how;
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--verbose") {
      how.verbose = true;
    } else if (flag == "--mutants") {
      how.all_mutants = true;
    } else if (i + 1 == argc) {
      return std::nullopt;
    } else if (flag == "--mutant") {
      how.mutant = argv[++i];
    } else {
      char* end = nullptr;
      const auto number = std::strtoull(argv[++i], &end, 10);
      if (*end != '\0') return std::nullopt;
      if (flag == "--seed")
        how.seed = number;
      else if (flag == "--seeds")
        how.seeds = number;
      else if (flag == "--minutes" && number >= 1 && number <= 1440)
        how.minutes = static_cast<int>(number);
      else
        return std::nullopt;
    }
  }
  return how;
}

struct sums {
  std::uint64_t worlds = 0;
  double hours = 0;
  std::uint64_t happenings = 0;
  std::uint64_t runs = 0;
  std::uint64_t runs_without_result = 0;
  std::uint64_t tasks = 0;
  std::uint64_t packets = 0;
  std::uint64_t late_tells = 0;

  void add(const verdict& v) {
    ++worlds;
    hours += std::chrono::duration<double, std::ratio<3600>>(v.lasted).count();
    happenings += v.happenings;
    runs += v.runs;
    runs_without_result += v.runs_without_result;
    tasks += v.tasks;
    packets += v.packets.sent;
    late_tells += v.late_tells;
  }
  void print(double seconds) const {
    std::printf(
        "%llu worlds, %.1f virtual hours in %.1f s (%.0f x), %llu events, %llu packets, %llu runs "
        "of "
        "%llu tasks (%llu without a recorded result), %llu late tells refused\n",
        static_cast<unsigned long long>(worlds), hours, seconds, hours * 3600 / seconds,
        static_cast<unsigned long long>(happenings), static_cast<unsigned long long>(packets),
        static_cast<unsigned long long>(runs), static_cast<unsigned long long>(tasks),
        static_cast<unsigned long long>(runs_without_result),
        static_cast<unsigned long long>(late_tells));
  }
};

/// The first finding, if any.
std::optional<verdict> play(const command_line& how, sums& all) {
  for (std::uint64_t i = 0; i < how.seeds; ++i) {
    const auto v = simulate({how.seed + i, how.minutes, how.verbose});
    all.add(v);
    if (!v.finding.empty()) return v;
  }
  return std::nullopt;
}

int play_mutants(const command_line& how) {
  int survivors = 0;
  std::printf("%-28s %6s  %s\n", "mutant", "seed", "what the oracle says");
  for (const auto& bug : planted_bugs()) {
    select_mutant(bug.name);
    sums all;
    const auto found = play(how, all);
    if (!found) ++survivors;
    std::printf("%-28.*s %6s  %s\n", static_cast<int>(bug.name.size()), bug.name.data(),
                found ? std::to_string(found->seed).c_str() : "-",
                found ? found->finding.c_str() : "SURVIVES");
    std::fflush(stdout);
  }
  std::printf("%zu planted, %zu found\n", planted_bugs().size(),
              planted_bugs().size() - static_cast<std::size_t>(survivors));
  return survivors == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto how = parse(argc, argv);
  if (!how || !select_mutant(how->mutant)) return usage();
  if (how->all_mutants) return play_mutants(*how);
  const auto begin = std::chrono::steady_clock::now();
  sums all;
  const auto found = play(*how, all);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  all.print(took.count());
  if (!found) return 0;
  std::printf("seed %llu: %s\n  replay: fabric-sim --seed %llu --minutes %d --verbose%s%s\n",
              static_cast<unsigned long long>(found->seed), found->finding.c_str(),
              static_cast<unsigned long long>(found->seed), how->minutes,
              how->mutant.empty() ? "" : " --mutant ", how->mutant.c_str());
  return 1;
}

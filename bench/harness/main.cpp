#include <unistd.h>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "actors/program/worker_environment.hpp"
#include "bench/harness/bench_case.hpp"
#include "bench/harness/chart.hpp"
#include "bench/harness/isolated.hpp"
#include "bench/harness/machine.hpp"
#include "bench/harness/report.hpp"
#include "fabric/session.hpp"

namespace {

using nlohmann::json;
using namespace fabric::bench;

struct choice {
  settings how;
  std::vector<std::string> names;
  std::string picture;  ///< path of the chart; empty: none is drawn
  bool as_json = false;
  bool list = false;
};

const bench_case* find(const std::string& name) {
  for (const auto& one : all_cases())
    if (one.name == name) return &one;
  return nullptr;
}

void list_cases() {
  for (const auto& one : all_cases())
    std::printf("%-20s %s\n", one.name.c_str(), one.about.c_str());
}

std::string wall_time() {
  const auto now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

json head_of_report(const settings& how) {
  return {{"commit", FABRIC_COMMIT},
          {"build", FABRIC_BUILD_TYPE},
          {"flags", FABRIC_BUILD_FLAGS},
          {"compiler", __VERSION__},
          {"machine", describe_machine(how.folder)},
          {"load_before", load()},
          {"seed", how.seed},
          {"smoke", how.smoke},
          {"started", wall_time()}};
}

std::string summary_of(const json& report) {
  std::string text = "commit " FABRIC_COMMIT ", " FABRIC_BUILD_TYPE " build, ";
  text += std::to_string(report["machine"]["cores"].get<unsigned>()) + " cores, fdatasync ";
  text += number_text(report["machine"]["fdatasync_us"]) + " us, load ";
  text += number_text(report["load_before"][0]) + " before and ";
  text += number_text(report["load_after"][0]) + " after";
  if (report["smoke"].get<bool>()) text += "; a smoke run: the figures mean nothing";
  return text;
}

/// False where the file cannot be written.
bool write_picture(const choice& chosen, const std::vector<measurement>& figures,
                   const std::string& summary) {
  if (chosen.picture.empty()) return true;
  std::ofstream file{chosen.picture};
  file << chart_of(figures, summary);
  if (file.flush()) return true;
  std::fprintf(stderr, "fabric-bench: cannot write the chart to %s\n", chosen.picture.c_str());
  return false;
}

int run(const choice& chosen) {
  std::vector<const bench_case*> cases;
  for (const auto& name : chosen.names) {
    cases.push_back(find(name));
    if (cases.back() != nullptr) continue;
    std::fprintf(stderr, "fabric-bench: no case is called '%s'; --list shows them\n", name.c_str());
    return 2;
  }
  if (cases.empty())
    for (const auto& one : all_cases())
      if (!one.is_long || chosen.how.smoke) cases.push_back(&one);

  auto report = head_of_report(chosen.how);
  std::vector<measurement> figures;
  json failures = json::object();
  for (const auto* one : cases) {
    if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "%s ...\n", one->name.c_str());
    auto came = run_isolated(*one, chosen.how);
    if (!came.failed.empty()) {
      std::fprintf(stderr, "fabric-bench: %s: %s\n", one->name.c_str(), came.failed.c_str());
      failures[one->name] = came.failed;
    }
    figures.insert(figures.end(), came.figures.begin(), came.figures.end());
  }
  report["load_after"] = load();
  report["figures"] = figures;
  report["failures"] = failures;
  if (chosen.as_json) {
    std::puts(report.dump(2).c_str());
  } else {
    std::printf("%s\n", summary_of(report).c_str());
    std::fputs(table_of(figures).c_str(), stdout);
  }
  const bool is_drawn = write_picture(chosen, figures, summary_of(report));
  return failures.empty() && is_drawn ? 0 : 1;
}

/// What the parts measured say goes where it does not mix with the report.
void keep_stdout_clean() {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("fabric-bench"));
  spdlog::set_level(spdlog::level::warn);
}

}  // namespace

int main(int argc, char** argv) {
  if (fabric::actors::is_worker_process()) fabric::init();  // and never come back
  unsetenv("FABRIC_CLUSTER");                               // cases have clusters of their own
  keep_stdout_clean();
  CLI::App app{"Measures Fabric, and the floor of each figure in the same run.", "fabric-bench"};
  choice chosen;
  chosen.how.fabricd = FABRICD_PATH;
  chosen.how.folder = std::filesystem::temp_directory_path();
  app.add_option("case", chosen.names, "which cases to run (default: all)");
  app.add_flag("--json", chosen.as_json, "print a report as JSON instead of a table");
  app.add_option("--svg", chosen.picture, "also draw the figures into this file");
  app.add_flag("--smoke", chosen.how.smoke, "tiny sizes: only shows that the cases work");
  app.add_flag("--list", chosen.list, "name the cases and end");
  app.add_option("--seed", chosen.how.seed, "of everything random (default 1)");
  app.add_option("--fabricd", chosen.how.fabricd, "the daemon to measure (default: this build's)");
  app.add_option("--folder", chosen.how.folder,
                 "on the disk to measure (default: $TMPDIR or /tmp)");
  CLI11_PARSE(app, argc, argv);
  if (chosen.list) {
    list_cases();
    return 0;
  }
  return run(chosen);
}

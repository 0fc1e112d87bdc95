#include "bench/harness/optuna_peer.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/line_pipe.hpp"

extern char** environ;

namespace fabric::bench {

namespace {

using nlohmann::json;

/// The Python that Debian's packages are for.
constexpr const char* system_python = "/usr/bin/python3";

json to_json(const tuner::parameter& p) {
  if (const auto* whole = std::get_if<tuner::int_range>(&p.over))
    return {{"kind", "int"},
            {"name", p.name},
            {"low", whole->low},
            {"high", whole->high},
            {"log", whole->log}};
  if (const auto* real = std::get_if<tuner::float_range>(&p.over))
    return {{"kind", "float"},
            {"name", p.name},
            {"low", real->low},
            {"high", real->high},
            {"log", real->log}};
  json choices = json::array();
  for (std::uint64_t i = 0; i < *p.cardinality(); ++i) choices.push_back(i);
  return {{"kind", "category"}, {"name", p.name}, {"choices", choices}};
}

json to_json(const tuner::space& over) {
  json all = json::array();
  for (const auto& p : over.parameters()) all.push_back(to_json(p));
  return all;
}

}  // namespace

std::unique_ptr<optuna_peer> optuna_peer::start() {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  require(pipe2(in.data(), O_CLOEXEC) == 0 && pipe2(out.data(), O_CLOEXEC) == 0, "no pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::array<std::string, 2> words{system_python, OPTUNA_SCRIPT};
  std::array<char*, 3> argv{words[0].data(), words[1].data(), nullptr};
  std::unique_ptr<optuna_peer> peer{new optuna_peer};
  const int failed = posix_spawn(&peer->pid_, system_python, &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  close(in[0]);
  close(out[1]);
  peer->to_ = in[1];
  peer->from_ = out[0];
  if (failed != 0) peer->pid_ = 0;
  const auto first = failed == 0 ? read_line(peer->from_) : std::nullopt;
  if (!first) return nullptr;
  peer->name_ = "Optuna " + json::parse(*first)["version"].get<std::string>();
  return peer;
}

optuna_peer::~optuna_peer() {
  close(to_);  // it ends with its input
  close(from_);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

void optuna_peer::begin(const std::string& sampler, std::uint64_t seed, const tuner::space& over) {
  request({{"do", "begin"}, {"sampler", sampler}, {"seed", seed}, {"space", to_json(over)}});
}

std::pair<std::int64_t, std::vector<double>> optuna_peer::ask() {
  const auto answer = request({{"do", "ask"}});
  return {answer["number"], answer["values"]};
}

void optuna_peer::tell(std::int64_t number, double value) {
  request({{"do", "tell"}, {"number", number}, {"value", value}});
}

double optuna_peer::pairs_per_second(const cost& what, const tuner::space& over) {
  const auto answer = request({{"do", "cost"},
                               {"sampler", what.sampler},
                               {"seed", what.seed},
                               {"space", to_json(over)},
                               {"trials", what.trials},
                               {"pairs", what.pairs},
                               {"storage", what.storage.empty() ? json{} : json(what.storage)}});
  return static_cast<double>(what.pairs) / answer["seconds"].get<double>();
}

optuna_peer::crowd_result optuna_peer::run(const crowd& what) {
  const auto answer = request({{"do", "crowd"},
                               {"fabricd", what.served_by},
                               {"sampler", what.sampler},
                               {"workers", what.workers},
                               {"columns", what.columns},
                               {"rows", what.rows},
                               {"trials", what.trials},
                               {"recipe", what.recipe},
                               {"seconds", what.seconds},
                               {"kill", what.kill_first}});
  // Its own journal now and then hands a worker half a line, which ends that one (optuna #5138).
  require(what.served_by.empty() || answer["errors"].empty(),
          "a served worker of " + name_ + " ended with an error: " + answer["errors"].dump());
  return {answer["evaluations"], answer["points"], answer["lost_came_back"]};
}

json optuna_peer::request(const json& what) {
  const auto answer = write_line(to_, what.dump()) ? read_line(from_) : std::nullopt;
  require(answer.has_value(), name_ + " ended at " + what.dump().substr(0, 80));
  return json::parse(*answer);
}

}  // namespace fabric::bench

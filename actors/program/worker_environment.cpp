#include "actors/program/worker_environment.hpp"

#include <charconv>
#include <cstdlib>
#include <vector>

#include "transport/keys.hpp"

namespace fabric::actors {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string{} : std::string{value};
}

fault damaged(const std::string& what) {
  return {fault_code::config, "this worker process cannot find its owner: " + what,
          "worker processes are started by the nodes of a cluster only"};
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t end = 0; end != std::string_view::npos; text.remove_prefix(end + 1)) {
    end = text.find(':');
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
  }
  return parts;
}

std::optional<attempt_id> attempt_of(std::string_view text) {
  const auto mark = text.find('#');
  if (mark == std::string_view::npos) return std::nullopt;
  const auto task = parse_job_or_task(text.substr(0, mark));
  attempt_number number = 0;
  const auto rest = text.substr(mark + 1);
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (!task || problem != std::errc{} || end != rest.data() + rest.size()) return std::nullopt;
  return attempt_id{{task->job, task->index.value_or(0)}, number};
}

}  // namespace

std::pair<std::string, std::string> worker_variable_of(program_id owner,
                                                       const std::string& server_public_key,
                                                       const transport::key_pair& lent) {
  using transport::to_hex;
  return {worker_variable, to_string(owner) + ":" + to_hex(server_public_key) + ":" +
                               to_hex(lent.public_key) + ":" + to_hex(lent.secret_key)};
}

std::pair<std::string, std::string> detached_variable_of(const std::string& plan) {
  return {detached_variable, transport::to_hex(plan)};
}

bool is_worker_process() { return std::getenv(worker_variable) != nullptr; }

result<worker_environment> read_worker_environment() {
  worker_environment out;
  const auto parts = parts_of(variable(worker_variable));
  if (parts.size() != 4) return damaged("FABRIC_WORKER is damaged");
  const auto owner = parse_node_id(parts[0]);
  const auto server = transport::from_hex(parts[1], 32);
  const auto open = transport::from_hex(parts[2], 32);
  const auto secret = transport::from_hex(parts[3], 32);
  if (!owner || !server || !open || !secret) return damaged("FABRIC_WORKER is damaged");
  out.owner = program_id{owner->value};
  const auto attempt = attempt_of(variable("FABRIC_ATTEMPT_ID"));
  if (!attempt) return damaged("FABRIC_ATTEMPT_ID is missing or damaged");
  out.attempt = *attempt;
  out.head = {variable("FABRIC_HEAD"), *server, {*open, *secret}, {}};
  out.head.is_vouched_for = true;  // by the node that started us
  if (out.head.endpoint.empty()) return damaged("FABRIC_HEAD is missing");
  out.programs = variable("FABRIC_PROGRAMS");
  if (const auto plan = variable(detached_variable); !plan.empty()) {
    const auto bytes = transport::from_hex(plan, plan.size() / 2);
    if (!bytes) return damaged("FABRIC_DETACHED is damaged");
    out.detached = *bytes;
  }
  return out;
}

void clear_worker_environment() {
  unsetenv(worker_variable);
  unsetenv(detached_variable);
}

}  // namespace fabric::actors

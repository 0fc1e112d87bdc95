#include "tests/sim/task_script.hpp"

#include <cstdlib>

#include "resources/check.hpp"
#include "tests/sim/oracle.hpp"
#include "transport/codec.hpp"

namespace fabric::sim {

std::string payload_of(const task_script& s) {
  transport::command_work work;
  work.argv = {"task",
               std::to_string(s.shortest.count()),
               std::to_string(s.longest.count()),
               std::to_string(s.fails_percent),
               std::to_string(s.crashes_percent),
               std::to_string(s.point)};
  work.is_trial = s.is_trial;
  return transport::encode(work);
}

task_script script_of(const std::string& payload) {
  const auto work = transport::decode_command_work(payload);
  FABRIC_CHECK(work.has_value() && work->argv.size() == 6);
  const auto number = [&](std::size_t i) {
    return static_cast<std::int64_t>(std::strtoll(work->argv[i].c_str(), nullptr, 10));
  };
  task_script s;
  s.shortest = duration{number(1)};
  s.longest = duration{number(2)};
  s.fails_percent = static_cast<std::uint32_t>(number(3));
  s.crashes_percent = static_cast<std::uint32_t>(number(4));
  s.point = static_cast<std::uint64_t>(number(5));
  s.is_trial = work->is_trial;
  return s;
}

std::string report_of(std::uint64_t run, std::int32_t exit_code, const task_script& script) {
  transport::task_report body;
  body.exit_code = exit_code;
  body.detail = std::to_string(run);
  if (script.is_trial) body.stdout_tail = std::to_string(script.point);
  return transport::encode(body);
}

double value_in(const std::string& report) {
  const auto body = transport::decode_task_report(report);
  FABRIC_CHECK(body.has_value());
  return oracle::value_of(std::strtoull(body->stdout_tail.c_str(), nullptr, 10),
                          std::strtoull(body->detail.c_str(), nullptr, 10));
}

}  // namespace fabric::sim

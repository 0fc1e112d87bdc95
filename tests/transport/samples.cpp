#include "tests/transport/samples.hpp"

#include <string>
#include <utility>

namespace fabric::transport::samples {

using namespace std::chrono_literals;

namespace {

const std::string all_bytes = [] {
  std::string s;
  for (int i = 0; i < 256; ++i) s += static_cast<char>(i);
  return s;
}();

instant at(std::int64_t us) { return instant{duration{us}}; }
attempt_id attempt(std::uint64_t job, std::uint32_t index, std::uint32_t number) {
  return {{job_id{job}, index}, number};
}
fault a_fault() { return {fault_code::store_full, "the disk is full \xff", "make room"}; }

capacity a_capacity() {
  return {{{"cpu", units(64)}, {"gpu", units(2)}, {"memory", units(1LL << 40)}, {"tape", {1500}}},
          {"0", "GPU-5d1f"},
          {{"gpu_model", "h100"}, {"site", "Zürich"}, {"zone", ""}}};
}

demand a_demand() {
  return {{{"cpu", {1500}}, {"gpu", {500}}},
          {{"site", label_condition::relation::equals, "Zürich"},
           {"zone", label_condition::relation::differs, "home"}}};
}

template <std::size_t... Is>
std::vector<message> defaults(std::index_sequence<Is...>) {
  return {message{std::in_place_index<Is>}...};
}

}  // namespace

header a_header() {
  header h;
  h.session = session_id{(7ULL << 32) | 3};
  h.sequence = 99;
  h.epoch = 7;
  h.must_understand = true;
  return h;
}

std::vector<message> every_empty_message() {
  return defaults(std::make_index_sequence<std::variant_size_v<message>>{});
}

std::vector<message> every_message() {
  hello greeting{
      {1 << 16, (1 << 16) | 4}, "0.1.0", {"logs", "gangs"}, "c-1", 41, {}, at(123456789)};
  greeting.node = node_description{
      "node-ä", "host7",      incarnation_id{~0ULL},
      "boot",   a_capacity(), {{attempt(1, 2, 3), true}, {attempt(4, 5, 6), false}}};
  welcome welcomed{1 << 16,
                   "0.2.0",
                   {"logs"},
                   "c-1",
                   42,
                   session_id{(42ULL << 32) | 1},
                   node_id{0xfedcba9876543210},
                   60s,
                   2s,
                   256,
                   {attempt(1, 2, 3)},
                   {attempt(4, 5, 6), attempt(7, 8, 9)},
                   at(5)};
  grant given{attempt(1, 2, 3), all_bytes, "train", "study-1", a_demand(),
              {{"0", {500}}},   true,      1h,      60s,       at(77)};
  submit job{request_id{8},
             "train",
             "key-1",
             "study-1",
             all_bytes,
             a_demand(),
             -5,
             2,
             3s,
             90s,
             4,
             2h,
             24h,
             10,
             100'000,
             true,
             {job_id{3}, job_id{4}},
             true};
  task_finished done{{job_id{3}, 9}, 2, 4, node_id{17}, "node-ä", all_bytes};
  log_read reading{request_id{9}, attempt(1, 2, 0), 2, 1ULL << 40, true, 1024, 5s, session_id{6}};
  log_chunk chunk{request_id{9}, attempt(1, 2, 3), 2, 1ULL << 40, all_bytes, true,
                  true,          session_id{6}};
  return {greeting,
          welcomed,
          refused{a_fault(), {1 << 16, (1 << 16) | 1}, "0.2.0", 250ms},
          unknown_session{},
          nack{11, 12, a_fault()},
          goodbye{},
          join{std::string(32, '\x9c'), "node-1", "0.1.0"},
          joined{node_id{17}, "c-1"},
          heartbeat{at(1'000'000)},
          renewed{at(1'000'000), 60s},
          given,
          started{attempt(1, 2, 3)},
          declined{attempt(1, 2, 3), true},
          revoke{attempt(1, 2, 3), 10s, 4},
          report{attempt(1, 2, 3), 5, all_bytes},
          report_ack{attempt(1, 2, 3), true},
          job,
          submitted{request_id{8}, job_id{3}, true},
          failed{request_id{8}, a_fault()},
          watch{request_id{8}, job_id{3}},
          done,
          job_finished{job_id{3}, true},
          ask{request_id{8}, "status", R"({"all":true})"},
          answer{request_id{8}, R"({"nodes":[]})"},
          reading,
          chunk,
          leaving{30s},
          parcel{program_id{0x1122334455667788}, program_id{2}, all_bytes},
          program_gone{program_id{3}},
          blob_write{request_id{9}, std::string(32, '\7'), 1ULL << 40, 1 << 20, all_bytes},
          blob_state{request_id{9}, 1ULL << 40, true},
          blob_read{request_id{10}, std::string(32, '\7'), 1 << 20, 4096},
          blob_part{request_id{10}, 1ULL << 40, 1 << 20, all_bytes},
          name_claim{request_id{11}, "shop", "till-1", all_bytes, true},
          name_release{request_id{12}, "shop", "till-1"},
          name_find{request_id{13}, "shop", "till-1", 5s},
          name_found{request_id{13}, program_id{2}, all_bytes},
          introduce{program_id{2}, true},
          introduced{program_id{2}, "tcp://10.0.0.7:41234", std::string(32, '\x21'),
                     std::string(32, '\x22')},
          pressed{},
          note{7, attempt(1, 2, 3), R"({"step":1})", session_id{6}},
          note_answer{request_id{14}, 7, attempt(1, 2, 3), R"({"verdict":"stop"})", session_id{6}}};
}

command_work a_command() {
  command_work w;
  w.argv = {"python3", "train.py", "--name", all_bytes};
  w.env = {{"LANG", "C.UTF-8"}, {"RAW", all_bytes}};
  w.cwd = "/srv/\xff";
  w.cwd_required = true;
  w.stdin_data = all_bytes;
  w.trial_number = 12;
  w.is_trial = true;
  return w;
}

task_report a_report() {
  task_report r;
  r.exit_code = -1;
  r.signal = 9;
  r.code = "TASK_SIGNALLED";
  r.detail = "killed by SIGKILL";
  r.host = "host7";
  r.stdout_tail = all_bytes;
  r.stderr_tail = "\xff\xfe";
  r.stdout_bytes = 1ULL << 40;
  r.stderr_bytes = 2;
  r.started_ms = 1'700'000'000'000;
  r.ended_ms = -1;
  r.cpu_ms = 55;
  r.memory_peak = 1ULL << 35;
  return r;
}

std::vector<spawner::message> every_spawner_message() {
  spawner::start s;
  s.id = attempt(1, 2, 3);
  s.argv = {"/bin/true", all_bytes};
  s.env = {"A=B"};
  s.cwd = "/tmp";
  s.stdin_data = all_bytes;
  s.stdout_path = "/tmp/o";
  s.stderr_path = "/tmp/e";
  s.output_bytes_max = 64 << 20;
  s.time_limit = 1h;
  s.kill_grace = 10s;
  s.memory_max = 1 << 30;
  spawner::process_ended e;
  e.id = attempt(1, 2, 3);
  e.why = 2;
  e.exit_code = 3;
  e.signal = 15;
  e.detail = "no such file \xff";
  e.stdout_tail = all_bytes;
  e.stderr_tail = "x";
  e.stdout_bytes = 256;
  e.stderr_bytes = 1;
  e.started_ms = 5;
  e.ended_ms = 6;
  e.cpu_ms = 7;
  e.memory_peak = 8;
  return {s, spawner::kill{attempt(1, 2, 3), 10s}, spawner::fence{never},
          spawner::process_started{attempt(1, 2, 3), 4321}, e};
}

}  // namespace fabric::transport::samples

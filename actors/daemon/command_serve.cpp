#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "actors/clock.hpp"
#include "actors/daemon/boot.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/duration_text.hpp"
#include "actors/daemon/interrupts.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/standard_output.hpp"
#include "actors/daemon/storage_choice.hpp"
#include "actors/daemon/study_commands.hpp"
#include "actors/daemon/tune_options.hpp"
#include "actors/dashboard/host_list.hpp"
#include "actors/journal/server.hpp"
#include "actors/store/study_url.hpp"
#include "actors/tune/tuner_process.hpp"

namespace fabric::daemon {

namespace {

struct serve_flags {
  std::string redis;
  std::string storage;
  std::string study;
  std::vector<std::string> parameters;
  std::string sampler = "random";
  std::optional<std::uint64_t> seed;
  std::string password_file;
  std::string grace = "10s";
  std::string silence = "5min";
  bool as_json = false;
};

struct address {
  std::string host;
  std::uint16_t port = 0;
};

/// "127.0.0.1:6379", "[::1]:6379".
result<address> address_of(const std::string& text) {
  const auto colon = text.rfind(':');
  address made;
  if (colon != std::string::npos) {
    made.host = text.substr(0, colon);
    const auto* end = text.data() + text.size();
    const auto [stop, wrong] = std::from_chars(text.data() + colon + 1, end, made.port);
    if (made.host.size() > 2 && made.host.front() == '[' && made.host.back() == ']')
      made.host = made.host.substr(1, made.host.size() - 2);
    if (!made.host.empty() && wrong == std::errc{} && stop == end && colon + 1 < text.size())
      return made;
  }
  return fault{fault_code::usage, "--redis '" + text + "' is no HOST:PORT",
               "as in 127.0.0.1:6379; port 0 picks a free one"};
}

/// Without the end of line. Faults: not_found, config.
result<std::string> password_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fault{fault_code::not_found, "cannot read the password file " + path,
                 "check the path and its permissions"};
  std::string text{std::istreambuf_iterator<char>(file), {}};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty())
    return fault{fault_code::config, "the password file " + path + " is empty",
                 "write a password into it"};
  return text;
}

result<journal::service_options> options_of(const serve_flags& from) {
  journal::service_options made;
  made.how.sampler = from.sampler;
  made.how.seed = from.seed.value_or(random_number());
  auto grace = parse_duration(from.grace, "--grace");
  if (!grace) return std::move(grace).error();
  made.grace = *grace;
  auto silence = parse_duration(from.silence, "--silence");
  if (!silence) return std::move(silence).error();
  made.silence = *silence;
  if (!from.password_file.empty()) {
    auto password = password_in(from.password_file);
    if (!password) return std::move(password).error();
    made.password = std::move(*password);
  }
  if (from.study.empty() != from.parameters.empty())
    return fault{fault_code::usage, "--study and --param belong together",
                 "name the study that the parameters are of"};
  std::vector<tuner::parameter> parameters;
  for (const auto& text : from.parameters) {
    auto parsed = tuner::parse_parameter(text);
    if (!parsed) return std::move(parsed).error();
    parameters.push_back(std::move(*parsed));
  }
  tuner::space over;
  if (!parameters.empty()) {
    auto declared = tuner::space::make(std::move(parameters));
    if (!declared) return std::move(declared).error();
    over = std::move(*declared);
    made.how.spaces.emplace(from.study, over);
  }
  const bool is_known =
      std::ranges::find(tuner::samplers(), from.sampler) != tuner::samplers().end();
  const tuner::sampler_setup setup{.over = &over, .seed = made.how.seed};
  if (is_known && over.parameters().empty()) return made;
  if (auto possible = tuner::make_sampler(from.sampler, setup); !possible)
    return std::move(possible).error();
  return made;
}

/// A study has one space, which the server must not read otherwise than tuners beside it do.
/// Faults: usage, the store's.
result<void> check_space(const std::string& storage, const std::string& study,
                         const tuner::space& over) {
  auto file = store::study_store::open(storage, store::study_store::mode::create);
  if (!file) return std::move(file).error();
  const auto known = file->study(study);
  if (!known && known.error().code == fault_code::not_found) return {};
  if (!known) return known.error();
  if (known->parameters.empty() || known->parameters == over.parameters()) return {};
  std::string declared;
  for (const auto& each : known->parameters)
    declared += (declared.empty() ? "" : " ") + tuner::to_string(each);
  std::string command = "fabricd study create " + file->words_for(study) + " --load-if-exists";
  for (const auto towards : known->directions) command += " --" + std::string{name_of(towards)};
  for (const auto& each : over.parameters())
    command += " --param " + store::shell_word(tuner::to_string(each));
  return fault{
      fault_code::usage,
      "the study '" + study + "' has another space than --param says: " + declared,
      "leave out --study and --param to serve it with its own, or declare this one: " + command};
}

std::string url_of(const address& at, bool has_password) {
  const bool is_v6 = at.host.find(':') != std::string::npos;
  return std::string("redis://") + (has_password ? ":PASSWORD@" : "") +
         (is_v6 ? "[" + at.host + "]" : at.host) + ":" + std::to_string(at.port);
}

void greet(const serve_flags& from, const std::string& place, const std::string& url) {
  if (from.as_json) {
    print_line({{"storage", place}, {"redis", url}});
  } else {
    write_output("serving the studies of " + place + " at " + url +
                 "\nworkers: optuna.storages.JournalStorage("
                 "optuna.storages.JournalRedisStorage(\"" +
                 url + "\"))\n");
  }
  std::fflush(stdout);
}

int serve(const serve_flags& from) {
  auto at = address_of(from.redis);
  if (!at) return complain(at.error());
  auto options = options_of(from);
  if (!options) return complain(options.error());
  const bool has_password = !options->password.empty();
  if (!has_password && at->host != "localhost" && !dashboard::is_loopback(at->host))
    return complain({fault_code::config,
                     "--redis " + from.redis + " would let everybody in who reaches the port",
                     "give --password-file, or serve at 127.0.0.1"});
  auto storage = storage_or_default(from.storage);
  if (!storage) return complain(storage.error());
  for (const auto& [study, over] : options->how.spaces)
    if (auto fits = check_space(*storage, study, over); !fits) return complain(fits.error());
  auto port = journal::server::listen(at->host, at->port);
  if (!port) return complain(port.error());
  at->port = port->port();
  auto self = actors::own_mark();
  if (!self) return complain(self.error());
  auto kept = store::study_journal::open(*storage, std::move(*self));
  if (!kept) return complain(kept.error());
  const auto place = kept->place();
  auto service = journal::service::start(std::move(*kept), std::move(*options), actors::now(),
                                         actors::wall_ms());
  if (!service) return complain(service.error());
  count_interrupts();
  greet(from, place, url_of(*at, has_password));
  auto served = port->run(
      *service, [] { return interrupts_seen() > 0 || !output_works(); },
      [](const std::string& line) { std::fprintf(stderr, "fabricd: %s\n", line.c_str()); });
  return served ? 0 : complain(served.error());
}

}  // namespace

void add_study_serve(CLI::App& study, const chosen_run& chosen) {
  auto to = std::make_shared<serve_flags>();
  auto* command = study.add_subcommand(
      "serve", "let unmodified Optuna workers share studies without repeating a point");
  command->add_option("--redis", to->redis, "serve at this HOST:PORT, as a Redis would")
      ->required();
  add_storage_option(*command, to->storage);
  command->add_option("--study", to->study, "the study that --param is about");
  command
      ->add_option("--param", to->parameters,
                   "a parameter (repeatable), as in tune; without, the first trial shows them")
      ->allow_extra_args(false);
  command->add_option("--sampler", to->sampler, "what chooses the points (default random)");
  command->add_option("--seed", to->seed, "the same seed proposes the same points");
  command->add_option("--password-file", to->password_file,
                      "workers must know the password in this file");
  command->add_option("--grace", to->grace,
                      "a trial is lost when its worker was cut off for this long (default 10s)");
  command->add_option("--silence", to->silence,
                      "the same for workers not heard of since the server started (default 5min)");
  add_json_flag(*command, to->as_json);
  command->callback([chosen, to] { *chosen = [to] { return serve(*to); }; });
}

}  // namespace fabric::daemon

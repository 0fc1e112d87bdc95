#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <utility>
#include <vector>

#include "actors/daemon/boot.hpp"
#include "actors/daemon/command.hpp"
#include "actors/daemon/print.hpp"
#include "actors/daemon/spelling.hpp"
#include "actors/daemon/standard_output.hpp"
#include "transport/handshake.hpp"

namespace {

using namespace fabric::daemon;

/// Cuts the command line at the first "--" word.
tail cut_tail(std::vector<std::string>& words) {
  tail rest;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] == "--") {
      rest.given = true;
      rest.words.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      words.resize(i);
      break;
    }
  return rest;
}

/// The command that the words went down to.
struct place {
  const CLI::App* at = nullptr;
  std::string name = "fabricd";
};

place deepest(const CLI::App& app) {
  place found{&app};
  for (;;) {
    const auto parsed = found.at->get_subcommands();
    if (parsed.empty()) return found;
    found.at = parsed.back();
    found.name += " " + found.at->get_name();
  }
}

/// "did you mean --param? " for the word at this place; empty where nothing is near it.
std::string guess_flag(const std::string& word, const CLI::App& at) {
  std::vector<std::string> known;
  for (const auto* option : at.get_options())
    known.insert(known.end(), option->get_lnames().begin(), option->get_lnames().end());
  const auto bare = word.substr(word.find_first_not_of('-'));
  const auto meant = nearest(bare.substr(0, bare.find('=')), known);
  return meant ? "did you mean --" + *meant + "? " : "";
}

std::string guess_command(const std::string& word, const CLI::App& at) {
  std::vector<std::string> known;
  for (const auto* sub : at.get_subcommands({})) known.push_back(sub->get_name());
  const auto meant = nearest(word, known);
  return meant ? "did you mean `" + *meant + "`? " : "";
}

bool is_flag(const std::string& word) {
  return word.starts_with('-') && word.find_first_not_of('-') != std::string::npos;
}

fabric::fault usage_fault(const CLI::ParseError& wrong, const CLI::App& app) {
  const auto [at, name] = deepest(app);
  std::string detail = wrong.what();
  while (!detail.empty() && (detail.back() == '\n' || detail.back() == '.')) detail.pop_back();
  const auto strange = app.remaining(true);
  const auto flag = std::ranges::find_if(strange, is_flag);
  std::string guess;
  // CLI11 misses what a subcommand needs before it looks at the words that are none.
  const bool lacks_something = dynamic_cast<const CLI::RequiredError*>(&wrong) != nullptr;
  if (detail == "A subcommand is required" && !strange.empty()) {
    detail = "'" + strange.front() + "' is unknown to `" + name + "`";
    guess = is_flag(strange.front()) ? guess_flag(strange.front(), *at)
                                     : guess_command(strange.front(), *at);
  } else if (flag != strange.end()) {
    guess = guess_flag(*flag, *at);
    if (lacks_something) detail = *flag + " is unknown to `" + name + "`";
  }
  const bool has_tail = name == "fabricd run" || name == "fabricd submit" || name == "fabricd tune";
  if (has_tail && guess.empty() && dynamic_cast<const CLI::ExtrasError*>(&wrong) != nullptr)
    guess = "the command stands behind --; ";
  return {fabric::fault_code::usage, detail, guess + "see `" + name + " --help`"};
}

/// A variable that is empty by mistake, as in --after "$ID", must not mean that the flag is absent.
void refuse_empty_values(CLI::App& app) {
  const CLI::Validator is_given{[](const std::string& value) {
                                  return value.empty() ? std::string{"its value is empty"}
                                                       : std::string{};
                                },
                                ""};
  for (auto* option : app.get_options())
    if (option->get_expected_max() > 0) option->check(is_given);
  for (auto* sub : app.get_subcommands({})) refuse_empty_values(*sub);
}

bool takes_command(const std::string& name) {
  return name == "run" || name == "submit" || name == "tune" || name == "report" ||
         name == "worker-launch";
}

int command_line(std::vector<std::string> words) {
  const tail command = cut_tail(words);
  // Before the words are looked at more closely, so that it holds for what is wrong with them too.
  if (std::find(words.begin(), words.end(), "--json") != words.end()) complain_in_json_too();
  // Elsewhere what stands behind it are names, which may look like flags.
  const bool is_names = command.given && !words.empty() && !takes_command(words.front());
  if (is_names) {
    words.emplace_back("--");
    words.insert(words.end(), command.words.begin(), command.words.end());
  }

  CLI::App app{
      "Fabric: one pool of machines that runs commands and tunes without repeating a point",
      "fabricd"};
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  std::vector<std::pair<CLI::App*, runner>> commands;
  const auto add = [&](runner what) {
    commands.emplace_back(app.get_subcommands({}).back(), std::move(what));
  };
  add(add_start(app));
  add(add_stop(app));
  add(add_drain(app));
  add(add_status(app));
  add(add_run(app, command));
  add(add_submit(app, command));
  add(add_list(app));
  add(add_get(app));
  add(add_explain(app));
  add(add_logs(app));
  add(add_wait(app));
  add(add_cancel(app));
  add(add_node(app));
  add(add_key(app));
  add(add_tune(app, command));
  add(add_study(app));
  add(add_report(app, command));
  add(add_launch(app, command));
  add(add_doctor(app));
  add(add_version(app));

  refuse_empty_values(app);
  app.set_version_flag("--version", "fabricd " + fabric::transport::this_build().software);

  if (!words.empty() && !words.front().starts_with('-')) {
    const auto is_known = [&words](const auto& one) {
      return one.first->get_name() == words.front();
    };
    if (std::none_of(commands.begin(), commands.end(), is_known))
      return complain({fabric::fault_code::usage, "'" + words.front() + "' is no command",
                       guess_command(words.front(), app) + "see `fabricd --help`"});
  }
  log_to_stderr();  // daemons change it to their log once they are on their own
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    // CLI11 goes down to the command that was named, and so has the names of all above it.
    std::fputs(app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::CallForVersion& version) {
    std::puts(version.what());
    return 0;
  } catch (const CLI::ExtrasError& wrong) {
    const auto name = deepest(app).name;
    const auto strange = app.remaining(true);
    if (is_names && !strange.empty() && !command.words.empty() &&
        strange.back() == command.words.back())
      return complain({fabric::fault_code::usage, "`" + name + "` takes no command after --",
                       "see `" + name + " --help`"});
    return complain(usage_fault(wrong, app));
  } catch (const CLI::ParseError& wrong) {
    return complain(usage_fault(wrong, app));
  }
  for (const auto& [parsed, run] : commands) {
    if (!parsed->parsed()) continue;
    return run();
  }
  return complain({fabric::fault_code::usage, "no command", "see `fabricd --help`"});
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  open_standard_files();
  try {
    return end_output(command_line({argv + 1, argv + argc}));
  } catch (const std::exception& escaped) {
    return complain({fabric::fault_code::internal, escaped.what(),
                     "this is a defect of fabricd: report it with the command"});
  }
}

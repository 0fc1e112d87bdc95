// The code of docs/searching.md, as one program.

#include <fabric/fabric.hpp>
#include <fabric/study.hpp>

#include <cmath>
#include <cstdio>
#include <filesystem>

double camel(const fabric::trial& t) {
  const auto x = t.get<double>("x");
  const auto y = t.get<double>("y");
  return (4 - 2.1 * x * x + x * x * x * x / 3) * x * x + x * y + (4 * y * y - 4) * y * y;
}
FABRIC_FUNCTION(camel);

double train(const fabric::trial& t, int epochs) {
  double loss = 1;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    loss = loss * 0.9 + 0.01 * std::abs(t.get<int>("width") - 64);
    if (t.report(epoch, loss) == fabric::verdict::stop) break;
  }
  return loss;
}
FABRIC_FUNCTION(train);

fabric::finding beam(const fabric::trial& t) {
  const auto width = t.get<double>("width");
  const auto height = t.get<double>("height");
  const double weight = width * height;
  const double stiffness = width * std::pow(height, 3) / 12;
  return {.values = {weight, stiffness}, .constraints = {height - 3 * width}};
}
FABRIC_FUNCTION(beam);

int main(int argc, char** argv) {
  fabric::session session = fabric::init(argc, argv);

  fabric::study camels{{.name = "camels",
                        .parameters = {fabric::real("x", -2, 2, {.step = 0.1}),
                                       fabric::real("y", -1, 1, {.step = 0.1})},
                        .sampler = "tpe",
                        .seed = 7}};
  auto why = camels.optimize(session, camel, {.trials = 100});
  std::printf("%s after %zu trials\n", std::string(name_of(why)).c_str(), camels.trials().size());

  fabric::study asked{{.parameters = {"n=int(1,5)", "mode=choice(fast,exact)"}, .sampler = "grid"}};
  while (auto t = asked.ask()) {
    const double cost = t->get<int>("n") * (t->get<std::string>("mode") == "fast" ? 1 : 3);
    asked.tell(*t, cost);
  }
  std::printf("%zu points, the least is %g\n", asked.trials().size(), *asked.best()->value);

  fabric::study nets{{.name = "nets",
                      .parameters = {fabric::integer("width", 16, 256, {.step = 16})},
                      .pruner = "median",
                      .seed = 1}};
  nets.enqueue({{"width", "64"}});
  int stopped = 0;
  const auto count = [&](const fabric::trial_record& t) {
    if (t.state == fabric::trial_state::pruned) ++stopped;
  };
  nets.optimize(session, train, {.parallel = 1, .on_trial = count}, 10);
  std::printf("%zu trials, best %.3f, %s\n", nets.trials().size(), *nets.best()->value,
              stopped > 0 ? "some stopped early" : "none stopped");

  fabric::study beams{{.name = "beams",
                       .directions = {fabric::direction::minimize, fabric::direction::maximize},
                       .parameters = {"width=int(1,4)", "height=int(1,8)"},
                       .sampler = "tpe",
                       .seed = 1}};
  beams.optimize(session, beam);
  std::printf("%zu beams are worth a look\n", beams.front().size());

  const auto folder = std::filesystem::temp_directory_path() / "fabric-search-guide";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto url = "sqlite:///" + (folder / "s.db").string();

  const fabric::study_options kept{
      .name = "kept", .parameters = {"n=int(0,9)"}, .storage = url, .load_if_exists = true};
  {
    fabric::study first{kept};
    for (int i = 0; i < 4; ++i) first.tell(*first.ask(), i);
    (void)first.ask();  // and the program dies
  }
  fabric::study second{kept};
  int more = 0;
  for (; auto t = second.ask(); ++more) second.tell(*t, 10);
  std::printf("%d more, %zu in all\n", more, second.trials().size());

  try {
    fabric::study again{{.name = "kept", .parameters = {"n=int(0,9)"}, .storage = url}};
  } catch (const fabric::study_error& e) {
    std::puts(e.code() == fabric::fault_code::key_conflict ? "it exists" : e.what());
  }
  std::filesystem::remove_all(folder);
}

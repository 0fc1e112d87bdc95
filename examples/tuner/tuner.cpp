// Tunes the training of a logistic regression: a study proposes points, a function evaluates them
// on threads here or on the machines of a cluster, and a pruner stops trainings that lag behind.
// Checks against a plain loop over the grid that the best point was found, and that none was tried
// twice.
//
//     tuner [--cluster cluster.json]

#include <fabric/fabric.hpp>
#include <fabric/study.hpp>

#include <cmath>
#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

constexpr std::size_t features = 8;
constexpr int epochs = 20;

struct sample {
  std::vector<double> x;
  double label = 0;
};

/// The same on every machine.
std::vector<sample> samples(unsigned seed) {
  std::mt19937 draw{seed};
  const auto even = [&draw] { return static_cast<double>(draw()) / 4294967296.0 - 0.5; };
  std::vector<sample> all(400);
  for (auto& one : all) {
    double sum = 0.2 * even();
    for (std::size_t i = 0; i < features; ++i) {
      one.x.push_back(even());
      sum += one.x.back() * (static_cast<double>(i) - 3);
    }
    one.label = sum > 0 ? 1 : 0;
  }
  return all;
}

class model {
 public:
  model(double rate, double momentum, double decay)
      : rate_(rate), momentum_(momentum), decay_(decay) {}

  void train(const std::vector<sample>& on) {
    for (const auto& one : on) {
      const double miss = guess(one) - one.label;
      for (std::size_t i = 0; i < features; ++i) {
        speed_[i] = momentum_ * speed_[i] - rate_ * (miss * one.x[i] + decay_ * weights_[i]);
        weights_[i] += speed_[i];
      }
    }
  }
  /// Mean cross-entropy.
  [[nodiscard]] double loss(const std::vector<sample>& on) const {
    double sum = 0;
    for (const auto& one : on)
      sum -= std::log(std::max(1e-12, one.label > 0.5 ? guess(one) : 1 - guess(one)));
    return sum / static_cast<double>(on.size());
  }

 private:
  [[nodiscard]] double guess(const sample& one) const {
    double sum = 0;
    for (std::size_t i = 0; i < features; ++i) sum += weights_[i] * one.x[i];
    return 1 / (1 + std::exp(-sum));
  }

  double rate_;
  double momentum_;
  double decay_;
  std::vector<double> weights_ = std::vector<double>(features);
  std::vector<double> speed_ = std::vector<double>(features);
};

/// `said` hears the loss after each epoch; false ends the training.
template <class Said>
double train(int rate, double momentum, double decay, Said said) {
  const auto on = samples(1);
  const auto against = samples(2);
  model m{std::ldexp(1, -rate), momentum, decay};
  for (int epoch = 0; epoch < epochs; ++epoch) {
    m.train(on);
    if (!said(epoch, m.loss(against))) break;
  }
  return m.loss(against);
}

double objective(const fabric::trial& t) {
  return train(
      t.get<int>("rate"), t.get<double>("momentum"), t.get<double>("decay"),
      [&](int epoch, double loss) { return t.report(epoch, loss) == fabric::verdict::go_on; });
}
FABRIC_FUNCTION(objective);

double best_by_a_plain_loop() {
  double best = INFINITY;
  for (int rate = 0; rate <= 9; ++rate)
    for (const double momentum : {0.0, 0.3, 0.6, 0.9})
      for (const double decay : {0.0, 0.001, 0.1})
        best = std::min(best, train(rate, momentum, decay, [](int, double) { return true; }));
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  auto session = fabric::init(argc, argv);
  fabric::study study{{.name = "regression",
                       .parameters = {fabric::integer("rate", 0, 9),
                                      fabric::real("momentum", 0, 0.9, {.step = 0.3}),
                                      "decay=choice(0.0,0.001,0.1)"},
                       .sampler = "tpe",
                       .pruner = "median",
                       .seed = 1}};
  study.enqueue({{"rate", "3"}, {"momentum", "0.9"}, {"decay", "0.0"}});  // a good guess goes first

  std::set<std::string> points;
  int pruned = 0;
  const auto why =
      study.optimize(session, objective, {.on_trial = [&](const fabric::trial_record& t) {
                       pruned += t.state == fabric::trial_state::pruned ? 1 : 0;
                       std::string point;
                       for (const auto& [name, value] : t.params)
                         std::visit(
                             [&](const auto& v) {
                               if constexpr (std::is_arithmetic_v<std::decay_t<decltype(v)>>)
                                 point += name + " " + std::to_string(v) + " ";
                               else
                                 point += name + " " + v + " ";
                             },
                             value);
                       points.insert(point);
                     }});

  const auto trials = study.trials().size();
  const auto best = study.best();
  const double expected = best_by_a_plain_loop();
  std::printf("%zu trials, %zu points, %d stopped early, %s\n", trials, points.size(), pruned,
              std::string(name_of(why)).c_str());
  std::printf("best loss %.6f, by a plain loop %.6f\n", best ? *best->value : NAN, expected);
  const bool is_right = trials == 120 && points.size() == 120 && best && *best->value == expected;
  std::puts(is_right ? "right" : "WRONG");
  return is_right ? 0 : 1;
}

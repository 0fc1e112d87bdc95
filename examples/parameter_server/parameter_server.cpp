/// Linear regression by stochastic gradient descent: workers, each a call of a function, pull the
/// weights from an actor and push gradients of their own samples to it, all at the same time. The
/// samples are made from known weights, so the answer is checked.
///     parameter_server [WORKERS [STEPS]] [--cluster FILE]
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fabric/fabric.hpp>
#include <random>
#include <vector>

namespace {

using namespace std::chrono_literals;
using weights = std::vector<double>;

constexpr std::size_t dimensions = 20;
constexpr int samples_per_step = 16;

/// What is to be found.
double true_weight(std::size_t i) { return std::sin(static_cast<double>(i) + 1); }

/// Holds the weights. Its state survives the loss of its process.
class parameter_server {
 public:
  explicit parameter_server(double rate) : rate_(rate), weights_(dimensions) {}

  weights pull() const { return weights_; }
  std::size_t push(const weights& gradient) {
    for (std::size_t i = 0; i < weights_.size(); ++i) weights_[i] -= rate_ * gradient[i];
    return ++steps_;
  }

  [[nodiscard]] std::pair<std::size_t, weights> save() const { return {steps_, weights_}; }
  void restore(const std::pair<std::size_t, weights>& state) {
    steps_ = state.first;
    weights_ = state.second;
  }

 private:
  double rate_;
  std::size_t steps_ = 0;
  weights weights_;
};
FABRIC_ACTOR(parameter_server, (double), pull, push);

/// The gradient of the mean squared error over samples of its own.
weights gradient(const weights& at, std::mt19937_64& dice) {
  std::normal_distribution<double> normal;
  weights sum(dimensions);
  for (int n = 0; n < samples_per_step; ++n) {
    weights x(dimensions);
    double error = 0;
    for (std::size_t i = 0; i < dimensions; ++i) {
      x[i] = normal(dice);
      error += x[i] * (at[i] - true_weight(i));
    }
    for (std::size_t i = 0; i < dimensions; ++i) sum[i] += 2 * error * x[i] / samples_per_step;
  }
  return sum;
}

/// Both calls do no harm when they happen twice, so they may be repeated where the server's process
/// is lost under them.
int train(const fabric::actor<parameter_server>& server, int seed, int steps) {
  std::mt19937_64 dice(static_cast<std::uint64_t>(seed));
  for (int i = 0; i < steps; ++i) {
    const auto at = server.call({.may_repeat = true}, &parameter_server::pull).get();
    server.call({.may_repeat = true}, &parameter_server::push, gradient(at, dice)).wait();
  }
  return steps;
}
FABRIC_FUNCTION(train);

}  // namespace

int main(int argc, char** argv) {
  auto session = fabric::init(argc, argv);
  const int workers = argc > 1 ? std::max(1, std::stoi(argv[1])) : 4;
  const int steps = argc > 2 ? std::stoi(argv[2]) : 500;

  const auto server = session.spawn<parameter_server>(
      {.name = "weights", .restarts = {.most = 10, .within = 60s}}, 0.02);
  std::vector<int> seeds;
  for (int n = 0; n < workers; ++n) seeds.push_back(n);
  const std::vector<fabric::actor<parameter_server>> same(seeds.size(), server);
  int made = 0;
  for (int n :
       session.map({.retries = 2}, train, same, seeds, std::vector(seeds.size(), steps)).get())
    made += n;

  const auto found = server.call(&parameter_server::pull).get();
  double worst = 0;
  for (std::size_t i = 0; i < dimensions; ++i)
    worst = std::max(worst, std::abs(found[i] - true_weight(i)));
  std::printf("%d steps of %d workers, off by at most %.1e\n", made, workers, worst);
  return worst < 1e-3 ? 0 : 1;
}

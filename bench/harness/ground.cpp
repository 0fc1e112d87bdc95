#include "bench/harness/ground.hpp"

#include <cmath>
#include <numbers>

#include "bench/harness/bench_case.hpp"

namespace fabric::bench {

namespace {

using point = std::vector<double>;

constexpr double pi = std::numbers::pi;

double square(double x) { return x * x; }

double sphere(const point& x) {
  double sum = 0;
  for (const double v : x) sum += square(v - 1);
  return sum;
}

/// Axes of very different weight.
double ellipsoid(const point& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += std::pow(1000, static_cast<double>(i) / static_cast<double>(x.size() - 1)) *
           square(x[i] - 0.5);
  return sum;
}

double rosenbrock(const point& x) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i)
    sum += 100 * square(x[i + 1] - square(x[i])) + square(1 - x[i]);
  return sum;
}

double ackley(const point& x) {
  double squares = 0;
  double waves = 0;
  for (const double v : x) {
    squares += square(v - 1.3);
    waves += std::cos(2 * pi * (v - 1.3));
  }
  const auto n = static_cast<double>(x.size());
  return -20 * std::exp(-0.2 * std::sqrt(squares / n)) - std::exp(waves / n) + 20 + std::numbers::e;
}

double rastrigin(const point& x) {
  double sum = 0;
  for (const double v : x) sum += square(v - 0.7) - 10 * std::cos(2 * pi * (v - 0.7)) + 10;
  return sum;
}

double branin(const point& x) {
  const double a = x[1] - 5.1 / (4 * pi * pi) * square(x[0]) + 5 / pi * x[0] - 6;
  return square(a) + 10 * (1 - 1 / (8 * pi)) * std::cos(x[0]) + 10;
}

double styblinski_tang(const point& x) {
  double sum = 0;
  for (const double v : x) sum += square(square(v)) - 16 * square(v) + 5 * v;
  return sum / 2;
}

/// Six narrow valleys; values from 0 to 1.
double hartmann(const point& x) {
  constexpr double heights[] = {1, 1.2, 3, 3.2};
  constexpr double widths[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                   {0.05, 10, 17, 0.1, 8, 14},
                                   {3, 3.5, 1.7, 10, 17, 8},
                                   {17, 8, 0.05, 10, 0.1, 14}};
  constexpr double centres[4][6] = {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
                                    {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
                                    {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
                                    {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
  double sum = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    double far = 0;
    for (std::size_t i = 0; i < 6; ++i) far += widths[k][i] * square(x[i] - centres[k][i]);
    sum -= heights[k] * std::exp(-far);
  }
  return sum;
}

double levy(const point& x) {
  const auto w = [&](std::size_t i) { return 1 + (x[i] - 1) / 4; };
  double sum = square(std::sin(pi * w(0)));
  for (std::size_t i = 0; i + 1 < x.size(); ++i)
    sum += square(w(i) - 1) * (1 + 10 * square(std::sin(pi * w(i) + 1)));
  const auto last = w(x.size() - 1);
  return sum + square(last - 1) * (1 + square(std::sin(2 * pi * last)));
}

double griewank(const point& x) {
  double sum = 0;
  double product = 1;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += square(x[i] - 20) / 4000;
    product *= std::cos((x[i] - 20) / std::sqrt(static_cast<double>(i + 1)));
  }
  return sum - product + 1;
}

/// Flat but for steep ridges.
double michalewicz(const point& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum -= std::sin(x[i]) * std::pow(std::sin(static_cast<double>(i + 1) * square(x[i]) / pi), 20);
  return sum;
}

/// The best place is far from the second best.
double schwefel(const point& x) {
  double sum = 0;
  for (const double v : x) sum -= v * std::sin(std::sqrt(std::abs(v)));
  return sum;
}

/// Choices of which each counts, and neighbours together.
double choices(const point& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto best = static_cast<double>((3 * i + 1) % 5);
    sum += x[i] == best ? 0 : 1 + 0.1 * x[i];
    if (i > 0 && static_cast<int>(x[i] + x[i - 1]) % 5 != 4) sum += 0.5;
  }
  return sum;
}

/// Like a compiler's or a database's settings: sizes over decades, which help up to a point
/// together.
double sizes(const point& x) {
  const double buffer = std::log2(x[0]);
  const double batch = std::log2(x[1]);
  return square(buffer - 14) / 10 + square(batch - 5) + 0.2 * std::abs(buffer - 2 * batch - 3) +
         square(x[2] - 11) / 30 + (x[3] == 1 ? 0 : 1.5) + square(x[4] - 0.9);
}

/// Like the settings of a learner: rate, units, dropout, kind.
double learner(const point& x) {
  const double rate = std::log10(x[0]);
  const double kinds[] = {0, 0.5 + 0.3 * std::abs(rate + 3), 1};
  return square(rate + 2.5) + 0.3 * square(std::log2(x[1]) - 6) + 4 * square(x[2] - 0.25) +
         kinds[static_cast<std::size_t>(x[3])];
}

double steps(const point& x) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += std::abs(x[i] - 3 - 2 * static_cast<double>(i));
  return sum;
}

double two_hundred(const point& x) {
  return square(x[0] - 13) + 3 * square(x[1] - 2) + 2 * std::sin(x[0] * 1.7);
}

std::vector<std::string> same(std::size_t dimensions, const std::string& range) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < dimensions; ++i) all.push_back("x" + std::to_string(i) + "=" + range);
  return all;
}

}  // namespace

tuner::space ground::space() const {
  std::vector<tuner::parameter> all;
  for (const auto& text : parameters) all.push_back(require(tuner::parse_parameter(text)));
  return require(tuner::space::make(std::move(all)));
}

const std::vector<ground>& all_grounds() {
  static const std::vector<ground> grounds{
      {"sphere 5", same(5, "float(-5,5)"), sphere},
      {"sphere 20", same(20, "float(-5,5)"), sphere},
      {"noisy sphere 5", same(5, "float(-5,5)"), sphere, 1},
      {"ellipsoid 8", same(8, "float(-2,2)"), ellipsoid},
      {"rosenbrock 2", same(2, "float(-2,2)"), rosenbrock},
      {"rosenbrock 6", same(6, "float(-2,2)"), rosenbrock},
      {"ackley 10", same(10, "float(-30,30)"), ackley},
      {"rastrigin 4", same(4, "float(-5.12,5.12)"), rastrigin},
      {"branin", {"x0=float(-5,10)", "x1=float(0,15)"}, branin},
      {"styblinski-tang 5", same(5, "float(-5,5)"), styblinski_tang},
      {"learner",
       {"rate=float(1e-5,1,log)", "units=int(1,1024,log)", "dropout=float(0,0.9)",
        "kind=choice(a,b,c)"},
       learner},
      {"hartmann 6", same(6, "float(0,1)"), hartmann},
      {"levy 8", same(8, "float(-10,10)"), levy},
      {"griewank 6", same(6, "float(-100,100)"), griewank},
      {"michalewicz 5", same(5, "float(0,3.14159265)"), michalewicz},
      {"schwefel 3", same(3, "float(-500,500)"), schwefel},
      {"noisy learner",
       {"rate=float(1e-5,1,log)", "units=int(1,1024,log)", "dropout=float(0,0.9)",
        "kind=choice(a,b,c)"},
       learner,
       0.5},
      {"choices 6", same(6, "choice(a,b,c,d,e)"), choices},
      {"sizes",
       {"buffer=int(64,1048576,log)", "batch=int(1,4096,log)", "threads=int(1,32)",
        "cache=choice(off,on)", "fill=float(0.1,1)"},
       sizes},
      {"integers 6", same(6, "int(0,20)"), steps},
      {"grid of 200", {"x0=int(0,19)", "x1=int(0,9)"}, two_hundred}};
  return grounds;
}

}  // namespace fabric::bench

#include <algorithm>

#include "bench/harness/bench_case.hpp"
#include "bench/harness/optuna_peer.hpp"
#include "bench/harness/sample.hpp"

namespace fabric::bench {

namespace {

using crowd = optuna_peer::crowd;
using crowd_result = optuna_peer::crowd_result;

/// The same script twice in turn: its workers share a journal of Optuna's, then a study that the
/// daemon serves; only their storage line differs.
class stage {
 public:
  explicit stage(const settings& how) : how_(how), peer_(optuna_peer::start()) {}

  template <class Figure>
  measurement play(const std::string& title, const std::string& unit, crowd what, Figure figure,
                   const aim& wanted) {
    measurement m{.case_name = "complaints", .figure = title, .unit = unit};
    if (how_.smoke) {
      what.workers = 3;
      what.columns = 4;
      what.trials = what.trials * what.columns / 20;
    }
    const auto count = [&](const std::string& server) {
      auto one = what;
      one.served_by = server;
      return figure(peer_->run(one));
    };
    if (peer_ == nullptr) {
      m.floor_name = "no Optuna on this machine";
      return m;
    }
    fill(m,
         take_in_turn(
             how_.smoke ? 1 : 3, [&] { return count({}); }, [&] { return count(how_.fabricd); }));
    m.floor_name = peer_->name();
    m.wanted = wanted;
    if (how_.smoke) m.wanted->limit = 0;
    return m;
  }

 private:
  const settings& how_;
  std::unique_ptr<optuna_peer> peer_;
};

double points(const crowd_result& of) { return of.points; }
double evaluations(const crowd_result& of) { return of.evaluations; }
double came_back(const crowd_result& of) { return of.lost_came_back ? 1 : 0; }

aim exactly(double value) {
  return {.of = aim::measure::value, .is = aim::side::at_least, .limit = value};
}

}  // namespace

std::vector<measurement> complaints(const settings& how) {
  stage on{how};
  return {on.play("TPE, 16 workers, 200 points, 200 trials", "points", {.sampler = "tpe"}, points,
                  exactly(200)),
          on.play("the same, and the users' recipe", "evaluations",
                  {.sampler = "tpe", .recipe = true}, evaluations, exactly(200)),
          on.play("grid, 16 workers, 200 points", "points", {.sampler = "grid", .seconds = 0.02},
                  points, exactly(200)),
          on.play("the same, and the users' recipe", "points",
                  {.sampler = "grid", .recipe = true, .seconds = 0.02}, points, exactly(200)),
          on.play("a worker killed at its point, grid and recipe: it is evaluated again", "times",
                  {.sampler = "grid", .trials = 400, .recipe = true, .kill_first = true}, came_back,
                  exactly(1))};
}

}  // namespace fabric::bench

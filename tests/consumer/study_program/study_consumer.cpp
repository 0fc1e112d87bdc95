// study_consumer STORAGE: searches ten points and prints the best.

#include <fabric/fabric.hpp>
#include <fabric/study.hpp>

#include <iostream>

double parabola(const fabric::trial& t) {
  const auto x = t.get<double>("x");
  return (x - 4) * (x - 4);
}
FABRIC_FUNCTION(parabola);

int main(int argc, char** argv) {
  auto session = fabric::init();
  fabric::study study{{.parameters = {fabric::integer("x", 0, 9)},
                       .storage = argc > 1 ? argv[1] : "",
                       .load_if_exists = true}};
  const auto why = study.optimize(session, parabola);
  const auto best = study.best();
  std::cout << name_of(why) << ' ' << study.trials().size() << ' ' << *best->value << '\n';
}

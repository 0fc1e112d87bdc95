/// Calls of each kind, as a user writes them: consumer [--cluster FILE]
#include <fabric/coroutine.hpp>
#include <fabric/fabric.hpp>

#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace shop {

struct order {
  std::string item;
  int count = 0;
  std::vector<double> prices;
};
FABRIC_PACK(order, item, count, prices);

double total(const order& of) {
  double sum = 0;
  for (const double price : of.prices) sum += price * of.count;
  return sum;
}

int square(int n) { return n * n; }

int refuse(int n) { throw std::out_of_range("no " + std::to_string(n)); }
FABRIC_FUNCTION(refuse);

}  // namespace shop

FABRIC_FUNCTION(shop::total);
FABRIC_FUNCTION(shop::square);

int main(int argc, char** argv) {
  auto session = fabric::init(argc, argv);

  std::cout << session.submit(shop::total, shop::order{"pears", 3, {0.5, 1.5}}).get() << '\n';

  int sum = 0;
  for (const int n : session.map(shop::square, std::vector{1, 2, 3, 4}).get()) sum += n;
  std::cout << sum << '\n';

  auto inner = session.submit(shop::square, 3);
  std::cout << session.submit(shop::square, inner).get() << '\n';

  try {
    session.submit(shop::refuse, 7).get();
  } catch (const fabric::error& e) {
    std::cout << name_of(e.kind()) << ' ' << e.type() << ' ' << e.message() << '\n';
  }
}

#pragma once

#include <string>
#include <vector>

#include "scheduler/tuner/draws.hpp"
#include "tests/tuner/spaces.hpp"

namespace fabric::tuner {

/// Up to six parameters, some of which hang on others in every way there is.
inline space any_conditional_space(draws& chance) {
  std::vector<parameter> all{parse_parameter("p0=choice(a,b,c)").value()};
  const auto count = 2 + chance.below(5);
  while (all.size() < count) {
    static constexpr std::string_view kinds[] = {
        "=int(1,3)",  "=int(2,10,step=4)",      "=int(1,4,log)",
        "=choice(x)", "=float(0,0.2,step=0.1)", "=choice(true,\"b c\")",
    };
    std::string text = "p" + std::to_string(all.size());
    text += kinds[chance.below(std::size(kinds))];
    const auto& parent = all[chance.below(all.size())];
    const auto spelled = [&](coordinate c) {
      const auto alone = space::make({{parent.name, parent.over}}).value();
      const auto json = alone.json_of({c});
      return json.substr(json.find(':') + 1, json.size() - json.find(':') - 2);
    };
    const auto some = spelled(chance.below(*parent.cardinality()));
    switch (chance.below(is_category(parent) ? 3 : 5)) {
      case 0: break;
      case 1: text += " if " + parent.name + " = " + some; break;
      case 2: {
        text += " if " + parent.name + " in (" + spelled(0);
        for (coordinate c = 1; c < *parent.cardinality(); ++c)
          if (chance.below(2) == 0) text += "," + spelled(c);
        text += ")";
        break;
      }
      case 3: text += " if " + parent.name + ">=" + some; break;
      default: text += " if " + parent.name + "<=" + some;
    }
    all.push_back(parse_parameter(text).value());
  }
  return space::make(std::move(all)).value();
}

/// One of at most 150 points.
inline space a_conditional_space(draws& chance) {
  for (;;) {
    auto s = any_conditional_space(chance);
    if (*s.size() <= 150 && s.tree().has_conditions()) return s;
  }
}

/// Every point of a finite space, found without its tree's numbers.
inline std::vector<point> every_point(const space& s) {
  std::vector<point> all{{}};
  for (std::size_t i = 0; i < s.parameters().size(); ++i) {
    std::vector<point> longer;
    for (const auto& p : all) {
      const bool is_active = s.is_active(p, i);
      const auto count = is_active ? *s.parameters()[i].cardinality() : 1;
      for (coordinate c = 0; c < count; ++c) {
        longer.push_back(p);
        longer.back().push_back(is_active ? c : inactive);
      }
    }
    all = std::move(longer);
  }
  return all;
}

}  // namespace fabric::tuner

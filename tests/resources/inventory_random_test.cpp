#include <gtest/gtest.h>

#include <random>
#include <set>

#include "resources/inventory.hpp"

namespace fabric {
namespace {

constexpr std::int64_t gpu_count = 4;
constexpr int steps = 400;

capacity a_wide_node() {
  capacity has{{{"cpu", units(8)}, {"gpu", units(gpu_count)}, {"memory", units(1 << 20)}}, {}, {}};
  for (std::int64_t n = 0; n < gpu_count; ++n) has.gpu_ids.push_back(std::to_string(n));
  return has;
}

/// One seeded life of an inventory. Only what `kind` allows happens in it.
class life {
 public:
  enum class kind { reserved_only, adopted_too };

  life(std::uint64_t seed, kind what) : random_(seed), kind_(what), node_(a_wide_node()) {}

  void step() {
    const auto choice = up_to(9);
    if (choice < 4 && !held_.empty())
      release(*std::next(held_.begin(), up_to(static_cast<std::int64_t>(held_.size()) - 1)));
    else if (choice == 4 && kind_ == kind::adopted_too)
      adopt();
    else
      reserve();
  }

  void release_all() {
    while (!held_.empty()) release(*held_.begin());
  }

  [[nodiscard]] const inventory& node() const { return node_; }
  [[nodiscard]] int reserved() const { return reserved_; }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  std::int64_t up_to(std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>{0, most}(random_);
  }

  attempt_id next() { return {{job_id{++last_job_}, 0}, 1}; }

  demand a_demand() {
    demand needs;
    needs.amounts.set("cpu", {up_to(4000)});
    needs.amounts.set("memory", units(up_to(1 << 19)));
    const bool shared = up_to(1) == 0;
    needs.amounts.set("gpu", shared ? milli{up_to(999)} : units(up_to(2)));
    return needs;
  }

  void reserve() {
    const auto holder = next();
    const auto needs = a_demand();
    const bool fits = node_.fits(needs);
    const auto given = node_.reserve(holder, needs);
    ASSERT_EQ(fits, given.has_value());
    ASSERT_TRUE(!given || node_.could_ever_fit(needs));
    ++(given ? reserved_ : refused_);
    if (!given) return;
    held_.insert(holder);
    milli sum;
    for (const auto& part : *given) sum += part.share;
    ASSERT_EQ(sum, needs.amounts["gpu"]);
  }

  void adopt() {
    const auto holder = next();
    auto needs = a_demand();
    node_.adopt(holder, needs, {{std::to_string(up_to(gpu_count)), milli{1 + up_to(999)}}});
    held_.insert(holder);
  }

  void release(attempt_id holder) {
    ASSERT_TRUE(node_.release(holder));
    ASSERT_FALSE(node_.release(holder));
    held_.erase(holder);
  }

  std::mt19937_64 random_;
  kind kind_;
  inventory node_;
  std::set<attempt_id> held_;
  std::uint64_t last_job_ = 0;
  int reserved_ = 0;
  int refused_ = 0;
};

void live(life::kind what) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    life one{seed, what};
    for (int n = 0; n < steps; ++n) {
      one.step();
      ASSERT_TRUE(one.node().is_balanced()) << "after step " << n;
    }
    // Both answers must have occurred, or the sequence has shown nothing.
    EXPECT_GT(one.reserved(), 20);
    EXPECT_GT(one.refused(), 20);
    one.release_all();
    EXPECT_EQ(one.node().free(), a_wide_node().amounts);
    EXPECT_TRUE(one.node().is_balanced());
    EXPECT_EQ(one.node().holders(), 0U);
  }
}

TEST(RandomLife, OfReservationsStaysBalancedAndReturnsToItsBeginning) {
  live(life::kind::reserved_only);
}

TEST(RandomLife, WithAdoptedAttemptsStaysBalancedAndReturnsToItsBeginning) {
  live(life::kind::adopted_too);
}

}  // namespace
}  // namespace fabric

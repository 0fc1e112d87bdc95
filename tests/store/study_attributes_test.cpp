#include <gtest/gtest.h>

#include "tests/store/optuna_peer.hpp"
#include "tests/store/study_fixture.hpp"

namespace fabric::store {
namespace {

class StudyAttributes : public StudyFile {
 protected:
  void SetUp() override {
    EXPECT_TRUE(store.create(study_of("s", over)));
    EXPECT_TRUE(store.apply("s", over, std::vector{fresh(a_trial(over, {3}, 0))}));
  }
  tuner::space over = space_of({"x=int(0,9)"});
  study_store store = opened();
};

TEST_F(StudyAttributes, AreAddedAndReplaced) {
  EXPECT_TRUE(store.attributes("s").value().empty());
  EXPECT_TRUE(store.set_attribute("s", {}, "a", "1"));
  EXPECT_TRUE(store.set_attribute("s", {}, "b", R"({"c": [null]})"));
  EXPECT_TRUE(store.set_attribute("s", {}, "a", R"("two")"));
  EXPECT_EQ(store.attributes("s").value(),
            (attributes_type{{"a", R"("two")"}, {"b", R"({"c": [null]})"}}));
}

TEST_F(StudyAttributes, OfATrialAreItsOwn) {
  EXPECT_TRUE(store.set_attribute("s", 0, "a", "1"));
  EXPECT_TRUE(store.attributes("s").value().empty());
  EXPECT_EQ(store.attributes("s", 0).value(), (attributes_type{{"a", "1"}}));
  EXPECT_EQ(store.trials("s", over).value().front().user_attrs.at("a"), "1");
  auto done = changed(completed(a_trial(over, {3}, 0), 1.5));
  EXPECT_TRUE(store.apply("s", over, std::vector{done}));
  EXPECT_EQ(store.attributes("s", 0).value().count("a"), 1U) << "a tuner leaves it alone";
}

TEST_F(StudyAttributes, OfWhatIsNotThereAreNotFound) {
  EXPECT_FAULT(fault_code::not_found, store.attributes("t"));
  EXPECT_FAULT(fault_code::not_found, store.attributes("s", 7));
  EXPECT_FAULT(fault_code::not_found, store.set_attribute("t", {}, "a", "1"));
  EXPECT_FAULT(fault_code::not_found, store.set_attribute("s", 7, "a", "1"));
}

TEST_F(StudyAttributes, HaveAKeyAndJson) {
  const std::string longest(512, 'k');
  EXPECT_TRUE(store.set_attribute("s", {}, longest, "1"));
  for (const std::string& key : {std::string{}, longest + "k", std::string{"\xff"}})
    EXPECT_FAULT(fault_code::usage, store.set_attribute("s", {}, key, "1"));
  for (const auto* json : {"", "word", "{", "NaN", "1 2"})
    EXPECT_FAULT(fault_code::usage, store.set_attribute("s", {}, "a", json));
}

TEST_F(StudyAttributes, AreNotNestedDeeperThanOptunaReads) {
  const auto nested = [](std::size_t deep) {
    return std::string(deep, '[') + "\"\\\"[[\"" + std::string(deep, ']');
  };
  EXPECT_TRUE(store.set_attribute("s", {}, "a", nested(100)));
  EXPECT_TRUE(store.set_attribute("s", {}, "b", '"' + std::string(3000, '[') + '"'));
  EXPECT_FAULT(fault_code::usage, store.set_attribute("s", {}, "a", nested(101)));
  EXPECT_FAULT(fault_code::usage, store.set_attribute("s", {}, "a", nested(3000)));
}

TEST_F(StudyAttributes, AreReadByOptunaAndOptunasAreRead) {
  if (!has_optuna()) GTEST_SKIP() << "no optuna";
  EXPECT_TRUE(store.set_attribute("s", {}, "ours", R"({"café": 1.5})"));
  EXPECT_TRUE(store.set_attribute("s", 0, "ours", "[true]"));
  const auto seen = told("attributes " + url() + " s");
  EXPECT_EQ(seen["study"], nlohmann::json::parse(R"({"ours": {"café": 1.5}})"));
  EXPECT_EQ(seen["trial"], nlohmann::json::parse(R"({"ours": [true]})"));
  EXPECT_EQ(nlohmann::json::parse(store.attributes("s").value().at("theirs")),
            nlohmann::json::parse(R"({"naïve": "x"})"));
}

}  // namespace
}  // namespace fabric::store

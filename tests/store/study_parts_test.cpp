#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "actors/store/distribution.hpp"
#include "actors/store/local_time.hpp"
#include "actors/store/study_name.hpp"
#include "actors/store/study_url.hpp"
#include "actors/store/taken_numbers.hpp"
#include "tests/store/scratch_folder.hpp"

namespace fabric::store {
namespace {

tuner::parameter parsed(std::string_view text) { return tuner::parse_parameter(text).value(); }

TEST(StudyUrl, FollowsSqlalchemy) {
  EXPECT_EQ(path_of_study_url("sqlite:///study.db").value(), "study.db");
  EXPECT_EQ(path_of_study_url("sqlite:////srv/study.db").value(), "/srv/study.db");
  for (const auto* url : {"study.db", "", "sqlite:///", "sqlite://study.db", "sqlite:/x", "sqlite",
                          "postgresql://u@h/db", "sqlite:///a.db?mode=ro"}) {
    EXPECT_FAULT(fault_code::usage, path_of_study_url(url));
  }
}

TEST(StudyUrl, OfMemoryIsRefused) {
  for (const auto* url : {"sqlite://", "sqlite:///", "sqlite:///:memory:"}) {
    const auto path = path_of_study_url(url);
    ASSERT_FALSE(path) << url;
    EXPECT_NE(to_line(path.error()).find("leave --storage out"), std::string::npos) << url;
  }
}

TEST(StudyUrl, OfAServerHasItsPasswordEscaped) {
  for (const auto* url :
       {"postgresql://u@h/db", "postgresql://u:p%40ss@h/db", "postgresql+psycopg2://u:p@h:5432/db",
        "postgresql://u@/s?host=/tmp/a@b", "postgresql:///db", "postgresql://h", "postgresql://h/"})
    EXPECT_TRUE(check_postgres_url(url)) << url;
  for (const auto* url : {"postgresql://u:p@ss@h/db", "postgresql://u:p/ss@h/db",
                          "postgresql+psycopg2://u:p@s@h", "postgresql://u:p@/ss@h?a=b"}) {
    const auto fine = check_postgres_url(url);
    ASSERT_FALSE(fine) << url;
    EXPECT_EQ(fine.error().code, fault_code::usage);
    EXPECT_EQ(to_line(fine.error()).find("ss@"), std::string::npos) << "the password is not shown";
  }
}

TEST(StudyName, IsOneLineOfText) {
  for (const auto* name : {"s", "größe 1/2", "--x"}) EXPECT_TRUE(check_study_name(name)) << name;
  for (const std::string& name : {std::string{}, std::string(513, 'n'), std::string{"bad\xff"},
                                  std::string{"a\nb"}, std::string{"a\x7f"}}) {
    EXPECT_FAULT(fault_code::usage, check_study_name(name));
    EXPECT_FAULT(fault_code::usage, check_new_study_name(name));
  }
}

TEST(StudyName, OfANewStudyIsNoFlag) {
  EXPECT_TRUE(check_new_study_name("a-b"));
  EXPECT_FAULT(fault_code::usage, check_new_study_name("--x"));
}

class LocalTime : public ::testing::Test {
 protected:
  void SetUp() override { set("Europe/Berlin"); }
  void TearDown() override { set(nullptr); }
  static void set(const char* zone) {
    zone == nullptr ? ::unsetenv("TZ") : ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

TEST_F(LocalTime, IsWrittenAndReadInTheZoneOfTheProcess) {
  EXPECT_EQ(local_time_text(1'700'000'000'123), "2023-11-14 23:13:20.123000");
  EXPECT_EQ(ms_of_local_time("2023-11-14 23:13:20.123000"), 1'700'000'000'123);
  EXPECT_EQ(ms_of_local_time("2023-07-14 12:00:00.000000"), 1'689'328'800'000) << "summer time";
  EXPECT_EQ(ms_of_local_time("2023-11-14 23:13:20"), 1'700'000'000'000);
  EXPECT_EQ(ms_of_local_time("2023-11-14 23:13:20.5"), 1'700'000'000'500);
}

TEST_F(LocalTime, AnUnknownTimeIsNone) {
  EXPECT_EQ(local_time_text(0), std::nullopt);
  EXPECT_EQ(local_time_text(std::numeric_limits<std::int64_t>::max()), std::nullopt);
  for (const auto* text :
       {"", "yesterday", "2023-11-14", "2023-11-14T23:13:20", "2023-1-4 3:3:2"}) {
    EXPECT_EQ(ms_of_local_time(text), 0) << text;
  }
}

TEST(TakenNumbers, HolesAreFreeUntilTheyAreTaken) {
  taken_numbers numbers;
  EXPECT_FALSE(numbers.is_taken(0));
  for (const std::uint64_t n : {0, 5, 9}) numbers.take(n);
  numbers.take(7);
  numbers.take(7);
  numbers.take(1);
  std::string free;
  for (std::uint64_t n = 0; n < 12; ++n) free += numbers.is_taken(n) ? '-' : 'o';
  EXPECT_EQ(free, "--ooo-o-o-oo");
  EXPECT_EQ(numbers.next(), 10U);
}

TEST(TakenNumbers, AnAbsurdNumberCostsNothing) {
  taken_numbers numbers;
  numbers.take(1ULL << 62);
  EXPECT_FALSE(numbers.is_taken(1ULL << 61));
  EXPECT_EQ(numbers.next(), (1ULL << 62) + 1);
}

TEST(Distribution, IsSpelledAsOptunaDoes) {
  EXPECT_EQ(
      distribution_text(parsed("x=int(10,63,step=5)")),
      R"({"name": "IntDistribution", "attributes": {"log": false, "step": 5, "low": 10, "high": 60}})");
  EXPECT_EQ(
      distribution_text(parsed("lr=float(1e-5,1,log)")),
      R"({"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 1.0, "log": true}})");
  EXPECT_EQ(
      distribution_text(parsed("p=float(0,1,step=0.3)")),
      R"({"name": "FloatDistribution", "attributes": {"step": 0.3, "low": 0.0, "high": 0.9, "log": false}})");
  EXPECT_EQ(
      distribution_text(parsed("o=choice(adam,3,2.5,true,null)")),
      R"({"name": "CategoricalDistribution", "attributes": {"choices": ["adam", 3, 2.5, true, null]}})");
}

TEST(Distribution, ReadsBackAsTheParameter) {
  for (const auto* text :
       {"x=int(10,60,step=5)", "n=int(1,1024,log)", "lr=float(1e-05,0.1,log)",
        "p=float(0,1,step=0.1)", "o=choice('a b',3,true,null)",
        "e=float(0.3333333333333333,1.9047619047619047,step=0.14285714285714285)",
        "e=float(0.1,1.633333333333333,step=0.03333333333333333)", "\"optim/lr\"=float(0,1)",
        "o=choice([1,[2.5]],[],float(nan),{\"a\":1})"}) {
    const auto p = parsed(text);
    const auto back = parameter_of_distribution(p.name, distribution_text(p));
    ASSERT_OK(back);
    EXPECT_EQ(*back, p) << text;
  }
  EXPECT_EQ(parameter_of_distribution("x", R"({"type":"float","low":0,"high":1})").value(),
            parsed("x=float(0,1)"));
}

TEST(Distribution, HostileTextIsAFault) {
  for (
      const auto* text :
      {"", "{", "[]", "3", "{}", R"({"name": "IntDistribution"})",
       R"({"name": 3, "attributes": {}})",
       R"({"name": "IntDistribution", "attributes": {"low": "a", "high": 3}})",
       R"({"name": "IntDistribution", "attributes": {"low": 5, "high": 3, "step": 1, "log": false}})",
       R"({"name": "IntDistribution", "attributes": {"low": 0, "high": 3, "step": 0, "log": false}})",
       R"({"name": "FloatDistribution", "attributes": {"low": 0, "high": NaN, "step": null, "log": false}})",
       R"({"name": "CategoricalDistribution", "attributes": {"choices": [[1]})",
       R"({"name": "CategoricalDistribution", "attributes": {"choices": {"a": 1}}})",
       R"({"name": "CategoricalDistribution", "attributes": {"choices": [1e999]}})",
       R"({"name": "CategoricalDistribution", "attributes": {"choices": []}})",
       R"({"name": "UnknownDistribution", "attributes": {"low": 0}})"}) {
    EXPECT_FAULT(fault_code::bad_message, parameter_of_distribution("x", text));
  }
}

TEST(Distribution, SaysWhatCannotBeExact) {
  const auto why = [](const char* text) {
    const auto read = parameter_of_distribution("x", text);
    return read ? std::string() : read.error().detail;
  };
  EXPECT_EQ(
      why(R"({"name": "IntDistribution", "attributes": {"low": 0, "high": 9223372036854775808}})"),
      "parameter x: its range has 9223372036854775808, which is no whole number of 64 bits");
  EXPECT_EQ(
      why(R"({"name": "CategoricalDistribution", "attributes": {"choices": [3, 1000000000000000000000]}})"),
      "parameter x: its choice \"1000000000000000000000\" cannot be kept exactly");
  EXPECT_EQ(why(R"({"name": "UniformDistribution", "attributes": {"low": 0, "high": 1}})"),
            "parameter x: its distribution is of the unknown kind \"UniformDistribution\"");
}

/// As Optuna itself reads a number that its tables have rounded.
TEST(Distribution, ANumberBeyondTwoTo53IsWhatWasStored) {
  const auto seed = parsed("seed=int(0,4611686018427387904)");
  EXPECT_EQ(json_of_internal(seed, 0x1p60), "1152921504606846976");
  EXPECT_FAULT(fault_code::usage, check_storable(seed));
}

TEST(Distribution, ValuesOfOneRangeAreReadInAnother) {
  const auto over = tuner::space::make({parsed("x=float(0,1,step=0.1)"), parsed("n=int(0,9)"),
                                        parsed("o=choice(b,a,3)")})
                        .value();
  const value_reader drifted(over, 0, distribution_text(parsed("x=float(0,1,step=0.1)")));
  EXPECT_EQ(drifted.coordinate_of(0.1 + 0.2), 3U);
  EXPECT_EQ(drifted.coordinate_of(0.25), std::nullopt);
  EXPECT_EQ(drifted.coordinate_of(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
  const value_reader wider(over, 1, distribution_text(parsed("n=int(-5,50)")));
  EXPECT_EQ(wider.coordinate_of(9), 9U);
  EXPECT_EQ(wider.coordinate_of(10), std::nullopt);
  EXPECT_EQ(wider.coordinate_of(1.5), std::nullopt);
  const value_reader reordered(over, 2, distribution_text(parsed("o=choice(a,b,c)")));
  EXPECT_EQ(reordered.coordinate_of(0), 1U);
  EXPECT_EQ(reordered.coordinate_of(1), 0U);
  EXPECT_EQ(reordered.coordinate_of(2), std::nullopt);
  EXPECT_EQ(reordered.coordinate_of(3), std::nullopt);
  EXPECT_EQ(reordered.coordinate_of(-1), std::nullopt);
  const value_reader other_kind(over, 1, distribution_text(parsed("n=choice(a,b)")));
  EXPECT_EQ(other_kind.coordinate_of(0), std::nullopt);
}

TEST(Distribution, IntsThatADoubleCannotHoldAreRefused) {
  ASSERT_OK(check_storable(parsed("x=int(0,9007199254740992)")));
  EXPECT_FAULT(fault_code::usage, check_storable(parsed("x=int(0,9007199254740993)")));
}

}  // namespace
}  // namespace fabric::store

#include "fabric/amount.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace fabric {
namespace {

std::int64_t amount_of(std::string_view text) {
  const auto parsed = parse_amount(text, "cpus");
  EXPECT_TRUE(parsed) << text;
  return parsed ? parsed->value : -1;
}

std::int64_t bytes_of(std::string_view text) {
  const auto parsed = parse_bytes(text, "memory");
  EXPECT_TRUE(parsed) << text;
  return parsed ? parsed->value / 1000 : -1;
}

TEST(Amount, IsReadExactlyInThousandths) {
  EXPECT_EQ(amount_of("0"), 0);
  EXPECT_EQ(amount_of("3"), 3000);
  EXPECT_EQ(amount_of("2.5"), 2500);
  EXPECT_EQ(amount_of("0.1"), 100);
  EXPECT_EQ(amount_of("0.007"), 7);
  EXPECT_EQ(amount_of("1.250"), 1250);
  EXPECT_EQ(amount_of("00012"), 12000);
}

TEST(Amount, ReachesItsLimitAndNotBeyond) {
  EXPECT_EQ(amount_of("1000000000000000"), amount_max.value);
  EXPECT_FALSE(parse_amount("1000000000000000.001", "cpus"));
  EXPECT_FALSE(parse_amount("9223372036854775808", "cpus"));
  EXPECT_FALSE(parse_amount(std::string(5000, '9'), "cpus"));
}

TEST(Amount, RefusesWhatIsNotAPlainDecimal) {
  for (const auto text :
       {"",   " ", "-1",    "+1",  "-0", "1e3", "nan", "inf",  "0x10", "1.2345", "1.",
        ".5", ".", "1.2.3", "1,5", "1 ", " 1",  "1x",  "1.5.", "--1",  "1'000",  "\xc2\xb2"})
    EXPECT_FALSE(parse_amount(text, "cpus")) << text;
  EXPECT_FALSE(parse_amount(std::string_view{"1\0", 2}, "cpus"));
}

TEST(Amount, FaultNamesTheSettingAndTheText) {
  const auto parsed = parse_amount("1e3", "number of CPUs");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, fault_code::usage);
  EXPECT_EQ(parsed.error().detail, "number of CPUs cannot be '1e3'");
  EXPECT_NE(parsed.error().hint, "");
}

TEST(Amount, FaultCutsLongText) {
  const auto parsed = parse_amount(std::string(5000, 'x'), "cpus");
  ASSERT_FALSE(parsed);
  EXPECT_LT(parsed.error().detail.size(), 100U);
}

TEST(Amount, IsPrintedWithoutTrailingZeros) {
  EXPECT_EQ(to_string(milli{0}), "0");
  EXPECT_EQ(to_string(milli{3000}), "3");
  EXPECT_EQ(to_string(milli{2500}), "2.5");
  EXPECT_EQ(to_string(milli{125}), "0.125");
  EXPECT_EQ(to_string(milli{10}), "0.01");
  EXPECT_EQ(to_string(milli{-500}), "-0.5");
  EXPECT_EQ(to_string(milli{std::numeric_limits<std::int64_t>::min()}), "-9223372036854775.808");
}

TEST(Amount, IsReadBackAsItWasPrinted) {
  for (std::int64_t value = 0; value < 5000; ++value)
    ASSERT_EQ(amount_of(to_string(milli{value})), value);
  EXPECT_EQ(amount_of(to_string(amount_max)), amount_max.value);
}

TEST(Amount, OfATenthAddsUpExactly) {
  milli sum;
  for (int i = 0; i < 10; ++i) sum += *parse_amount("0.1", "cpus");
  EXPECT_EQ(sum, units(1));
}

TEST(Bytes, HaveUnitsOf1024And1000InAnyCase) {
  constexpr std::int64_t ki = 1024;
  EXPECT_EQ(bytes_of("1048576"), ki * ki);
  EXPECT_EQ(bytes_of("7B"), 7);
  EXPECT_EQ(bytes_of("1K"), ki);
  EXPECT_EQ(bytes_of("1KiB"), ki);
  EXPECT_EQ(bytes_of("512m"), 512 * ki * ki);
  EXPECT_EQ(bytes_of("512MIB"), 512 * ki * ki);
  EXPECT_EQ(bytes_of("8GiB"), 8 * ki * ki * ki);
  EXPECT_EQ(bytes_of("8g"), 8 * ki * ki * ki);
  EXPECT_EQ(bytes_of("2TiB"), 2 * ki * ki * ki * ki);
  EXPECT_EQ(bytes_of("2t"), 2 * ki * ki * ki * ki);
  EXPECT_EQ(bytes_of("1KB"), 1000);
  EXPECT_EQ(bytes_of("1mb"), 1000 * 1000);
  EXPECT_EQ(bytes_of("1.5GB"), 1500 * 1000 * 1000LL);
  EXPECT_EQ(bytes_of("1TB"), 1000 * 1000 * 1000 * 1000LL);
}

TEST(Bytes, DropPartsOfAByte) {
  EXPECT_EQ(bytes_of("1.5KiB"), 1536);
  EXPECT_EQ(bytes_of("1.001KiB"), 1025);  // 1025.024
  EXPECT_EQ(parse_bytes("1.001KiB", "memory")->value, 1025 * 1000);
}

TEST(Bytes, RefuseUnknownUnitsAndPartsOfAByte) {
  for (const auto text : {"", "B", "GiB", "8 GiB", "8GiBs", "8Gi", "8PB", "8P", "-8GiB", "1e3KB",
                          "1.2345GiB", "8GiB ", "0x8G", "1.5", "1.5B", "8bb", "8iB", "1..5G"})
    EXPECT_FALSE(parse_bytes(text, "memory")) << text;
}

TEST(Bytes, ReachTheirLimitAndNotBeyond) {
  EXPECT_EQ(bytes_of("1000TB"), amount_max.value / 1000);
  EXPECT_FALSE(parse_bytes("1000.001TB", "memory"));
  EXPECT_FALSE(parse_bytes("1000TiB", "memory"));
  EXPECT_FALSE(parse_bytes("1000000000000000TiB", "memory"));
  EXPECT_FALSE(parse_bytes("99999999999999999999", "memory"));
}

TEST(Bytes, ArePrintedInTheLargestUnitRoundedDown) {
  EXPECT_EQ(bytes_to_string(units(0)), "0B");
  EXPECT_EQ(bytes_to_string(units(1000)), "1000B");
  EXPECT_EQ(bytes_to_string(units(1536)), "1.5KiB");
  EXPECT_EQ(bytes_to_string(units(1LL << 30)), "1GiB");
  EXPECT_EQ(bytes_to_string(units((8LL << 30) - 1)), "7.999GiB");
  EXPECT_EQ(bytes_to_string(units(900LL << 40)), "900TiB");
  EXPECT_EQ(bytes_to_string(units(-1536)), "-1.5KiB");
  EXPECT_EQ(bytes_to_string({std::numeric_limits<std::int64_t>::min()}).front(), '-');
}

}  // namespace
}  // namespace fabric

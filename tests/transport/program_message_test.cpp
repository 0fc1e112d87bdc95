#include <gtest/gtest.h>

#include "transport/codec.hpp"

namespace fabric::transport::program {
namespace {

std::vector<message> samples() {
  return {serving{{{job_id{3}, 1}, 2}, "0.1.0", 77, "n1", {8, 9}},
          calls{{{1, 2, "f", std::string("\0\xff", 2), duration{5}}}},
          recall{7},
          recalled{{{1, 2}}},
          stop{{1, 2}},
          retire{},
          slot_change{{1, 2}, 3},
          outcomes{{{{1, 2}, 1, "bytes", duration{9}}}},
          lend{},
          lent{true},
          go_on{},
          actor_make{5, 2, "counter", "args", true, "state", 3, 4, true, "hits", 10},
          actor_made{5, 2, false, "why"},
          actor_end{5, 2},
          actor_ended{5, 2, 2, "why"},
          actor_saved{5, 2, 8, std::string(1000, '\1'), {{"reference", true}}},
          actor_kept{8},
          actor_calls{5, 2, {{1, "counter::add", "args"}, {2, "counter::get", ""}}},
          actor_stop{5, 2},
          actor_outcomes{program_id{9}, {{5, 2, 1, 2, "bytes", {{"reference", true}}}}},
          actor_watch{5},
          actor_news{5, 4, 2, program_id{7}, "gone"},
          actor_kill{5},
          actor_mail{"letters"},
          objects_returned{{{1, 2}, {3, 4}}},
          object_ask{{1, 2}, 512, 1024},
          object_part{{1, 2}, 512, "bytes", {fault_code::not_found, "gone", "put it again"}},
          note{9, "study/s", "{\"step\":3}"},
          note_answer{9, "go_on", {fault_code::stale_attempt, "it is over", ""}}};
}

TEST(ProgramMessages, ComeBackAsTheyWereInTheOrderOfTheirNumbers) {
  const auto all = samples();
  ASSERT_EQ(all.size(), std::variant_size_v<message>);
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i].index(), i) << "a kind has no sample";
    const auto back = decode_program_message(encode(all[i]));
    ASSERT_TRUE(back) << i;
    EXPECT_EQ(*back, all[i]) << i;
  }
}

TEST(ProgramMessages, AreRefusedWhenTheyAreCutOffAnywhere) {
  for (const auto& one : samples()) {
    const auto bytes = encode(one);
    for (std::size_t n = 0; n < bytes.size(); ++n)
      EXPECT_FALSE(decode_program_message(std::string_view(bytes).substr(0, n)));
  }
}

}  // namespace
}  // namespace fabric::transport::program

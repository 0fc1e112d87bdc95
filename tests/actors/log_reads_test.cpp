#include "actors/gateway/log_reads.hpp"

#include <gtest/gtest.h>

namespace fabric::actors {
namespace {

const session_id node{1};
const session_id other_node{2};
const log_reader first{session_id{10}, request_id{1}};
const log_reader second{session_id{10}, request_id{2}};
const log_reader third{session_id{11}, request_id{1}};

TEST(LogReads, ANodeAnswersWhatItWasAskedAndOnlyOnce) {
  log_reads reads;
  reads.asked(node, first);
  EXPECT_FALSE(reads.answered(other_node, first));
  EXPECT_FALSE(reads.answered(node, second));
  EXPECT_TRUE(reads.answered(node, first));
  EXPECT_FALSE(reads.answered(node, first));
}

TEST(LogReads, WhatALostNodeWasAskedIsNamedOnce) {
  log_reads reads;
  reads.asked(node, first);
  reads.asked(node, third);
  reads.asked(other_node, second);
  EXPECT_EQ(reads.lost(node), (std::vector{first, third}));
  EXPECT_TRUE(reads.lost(node).empty());
  EXPECT_TRUE(reads.answered(other_node, second));
}

TEST(LogReads, AClientThatLeavesWaitsForNothing) {
  log_reads reads;
  reads.asked(node, first);
  reads.asked(node, second);
  reads.asked(node, third);
  reads.forget(session_id{10});
  EXPECT_EQ(reads.lost(node), std::vector{third});
}

}  // namespace
}  // namespace fabric::actors

#include "actors/dashboard/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fabric::dashboard {
namespace {

using json = nlohmann::ordered_json;
using testing::HasSubstr;
using testing::Not;

json a_node(const std::string& name, const std::string& state) {
  return {{"id", "00aa"},
          {"name", name},
          {"state", state},
          {"resources",
           {{"total", {{"cpu", 3}, {"memory", 25272737792}, {"licence", 2.5}}},
            {"used", {{"cpu", 1.5}, {"memory", 0}}}}},
          {"last_heard_ms", 1500}};
}

json a_status() {
  return {
      {"head",
       {{"version", "0.1.0"}, {"cluster", "48a9"}, {"epoch", 3}, {"started", 1795646908123}}},
      {"nodes", {a_node("vm", "active"), a_node("w2", "active"), a_node("w3", "lost")}},
      {"queue", {{"waiting", 4}, {"running", 2}}},
      {"counters", {{"granted", 10}, {"finished", 8}, {"stale_results", 1}, {"lost_attempts", 2}}},
      {"warnings", {"one"}}};
}

TEST(Metrics, HaveTheCountersAndTheQueue) {
  const auto text = metrics_of(a_status());
  EXPECT_THAT(text, HasSubstr("# TYPE fabric_tasks_granted_total counter\n"
                              "fabric_tasks_granted_total 10\n"));
  EXPECT_THAT(text, HasSubstr("\nfabric_tasks_finished_total 8\n"));
  EXPECT_THAT(text, HasSubstr("\nfabric_stale_results_total 1\n"));
  EXPECT_THAT(text, HasSubstr("\nfabric_lost_attempts_total 2\n"));
  EXPECT_THAT(text, HasSubstr("\nfabric_tasks_waiting 4\n"));
  EXPECT_THAT(text, HasSubstr("\nfabric_tasks_running 2\n"));
  EXPECT_THAT(text, HasSubstr("\nfabric_warnings 1\n"));
}

TEST(Metrics, CountNodesByState) {
  const auto text = metrics_of(a_status());
  EXPECT_THAT(text, HasSubstr("fabric_nodes{state=\"active\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("fabric_nodes{state=\"lost\"} 1\n"));
}

TEST(Metrics, ShowResourcesOfEachNode) {
  const auto text = metrics_of(a_status());
  const std::string of_vm = "{node=\"vm\",id=\"00aa\",resource=\"";
  EXPECT_THAT(text, HasSubstr("fabric_node_resource_capacity" + of_vm + "cpu\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("fabric_node_resource_capacity" + of_vm + "licence\"} 2.5\n"));
  EXPECT_THAT(text, HasSubstr("fabric_node_resource_capacity" + of_vm + "memory\"} 25272737792\n"));
  EXPECT_THAT(text, HasSubstr("fabric_node_resource_used" + of_vm + "cpu\"} 1.5\n"));
}

TEST(Metrics, EscapeWhatIsSpecialInALabel) {
  auto status = a_status();
  status["nodes"][0]["name"] = "a\"b\\c\nd";
  const auto text = metrics_of(status);
  EXPECT_THAT(text, HasSubstr(R"({node="a\"b\\c\nd",id=)"));
  EXPECT_THAT(text, Not(HasSubstr("c\nd")));
}

TEST(Metrics, DescribeEachNameOnceBeforeItsSamples) {
  const auto text = metrics_of(a_status());
  EXPECT_EQ(text.find("# TYPE fabric_nodes "), text.rfind("# TYPE fabric_nodes "));
  EXPECT_LT(text.find("# TYPE fabric_nodes "), text.find("fabric_nodes{"));
}

}  // namespace
}  // namespace fabric::dashboard

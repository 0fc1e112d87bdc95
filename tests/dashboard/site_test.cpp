#include "actors/dashboard/site.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

namespace fabric::dashboard {
namespace {

using json = nlohmann::ordered_json;

/// A head that remembers what it was asked.
struct head {
  std::string topic;
  json arguments;
  std::optional<fault> trouble;

  asker as_asker() {
    return [this](const std::string& what, const std::string& with) -> result<std::string> {
      topic = what;
      arguments = json::parse(with);
      if (trouble) return *trouble;
      return std::string{R"({"ok":true})"};
    };
  }
};

class Site : public testing::Test {
 protected:
  reply get(const std::string& path, std::map<std::string, std::string> query = {}) {
    return site{asked.as_asker()}.get({.method = "GET", .path = path, .query = std::move(query)});
  }
  head asked;
};

TEST_F(Site, ServesThePageAndItsFilesWithTheirTypes) {
  EXPECT_EQ(get("/").type, "text/html; charset=utf-8");
  EXPECT_THAT(get("/").body, testing::HasSubstr("<script src=\"app.js\""));
  EXPECT_EQ(get("/app.js").type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/style.css").type, "text/css; charset=utf-8");
  EXPECT_EQ(get("/icon.svg").status, 200);
}

TEST_F(Site, HasNoScriptInItsPageAndNothingFromElsewhere) {
  const auto page = get("/").body;
  for (const auto* word : {"<script>", "style=", "onclick", "onload", "http://", "https://"})
    EXPECT_THAT(page, testing::Not(testing::HasSubstr(word))) << word;
  EXPECT_THAT(get("/app.js").body, testing::Not(testing::HasSubstr("innerHTML")));
}

TEST_F(Site, AsksTheHeadWhatTheCommandsAsk) {
  EXPECT_EQ(get("/api/status").body, R"({"ok":true})");
  EXPECT_EQ(asked.topic, "status");
  get("/api/jobs/17.3");
  EXPECT_EQ(asked.topic, "get");
  EXPECT_EQ(asked.arguments["id"], "17.3");
  get("/api/explain/17");
  EXPECT_EQ(asked.topic, "explain");
  get("/api/nodes");
  EXPECT_EQ(asked.topic, "list");
  EXPECT_EQ(asked.arguments["what"], "nodes");
  get("/api/tasks", {{"job", "17"}});
  EXPECT_EQ(asked.arguments["job"], "17");
}

TEST_F(Site, PassesLimitAndStateOn) {
  get("/api/jobs", {{"limit", "7"}, {"state", "failed"}});
  EXPECT_EQ(asked.arguments, json({{"what", "jobs"}, {"state", "failed"}, {"limit", 7}}));
  get("/api/jobs");
  EXPECT_EQ(asked.arguments["limit"], site::limit_default);
}

TEST_F(Site, RefusesALimitThatIsNone) {
  for (const auto* text : {"0", "-1", "1001", "x", "1x", "99999999999999999999"})
    EXPECT_EQ(get("/api/jobs", {{"limit", text}}).status, 400) << text;
  EXPECT_EQ(asked.topic, "");
}

TEST_F(Site, HasNothingUnderOtherPaths) {
  for (const auto* path : {"", "/x", "//", "/index.html", "/../keys.json", "/api", "/api/",
                           "/api/jobs/", "/api/jobs/x", "/api/jobs/../status", "/api/jobs/..",
                           "/api/jobs/1/2", "/api/explain/", "/metrics/", "/assets/app.js"})
    EXPECT_EQ(get(path).status, 404) << path;
  EXPECT_EQ(asked.topic, "");
}

TEST_F(Site, TellsTheHeadsFaultsInJson) {
  asked.trouble = fault{fault_code::not_found, "there is no job or task '9'", "list them"};
  const auto missing = get("/api/jobs/9");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(json::parse(missing.body)["error"]["code"], "NOT_FOUND");
  asked.trouble = fault{fault_code::busy, "", ""};
  EXPECT_EQ(get("/metrics").status, 503);
  asked.trouble = fault{fault_code::internal, "", ""};
  EXPECT_EQ(get("/api/status").status, 500);
}

}  // namespace
}  // namespace fabric::dashboard
